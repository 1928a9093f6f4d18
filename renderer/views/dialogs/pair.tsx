import { Switch } from 'radix-ui';
import { useId, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { ROOT, VERIFY_LEVELS } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { SYNC_CONFLICTS, SYNC_DELETIONS, SYNC_DIRECTIONS, SYNC_KINDS, SYNC_LAYOUTS } from '../../../shared/sync.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Select, type SelectProps } from '../../parts/select.tsx';
import { run, useHost } from '../../stores/host.ts';
import { closeDialog, type PairForm } from '../../stores/window.ts';
import {
  addArgument,
  changeArgument,
  CONFLICT_NAMES,
  DELETION_NAMES,
  DIRECTION_NAMES,
  draftOf,
  KIND_NAMES,
  LAYOUT_NAMES,
  newDraft,
  phoneFolder,
  problemsOf,
  type Field as FieldName,
  type PairDraft,
} from '../../view-models/pair-form.ts';
import { VERIFY_NAMES } from '../../view-models/settings.ts';
import { PickDialog } from './pick.tsx';
import { PickPhoneDialog } from './pick-phone.tsx';
import './pair.css';

/** Form for all options of a folder pair. Nothing is saved until its button is pressed. */
export function PairDialog({ form }: { readonly form: PairForm }): ReactNode {
  const known = 'pair' in form ? form.pair : undefined;
  const [draft, setDraft] = useState<PairDraft>(() =>
    'pair' in form ? draftOf(form.pair) : newDraft(form.storage ?? form.device.storages[0]?.key, form.phone),
  );
  const [tried, setTried] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const [saving, setSaving] = useState(false);
  const [picking, setPicking] = useState<'phone' | 'local'>();
  const body = useRef<HTMLFormElement>(null);
  const canPick = useHost((state) => state.info?.canPick === true);
  const id = useId();

  const problems = problemsOf(draft, known);
  const change = (what: Partial<PairDraft>): void => {
    setTrouble(undefined);
    setDraft((before) => ({ ...before, ...what }));
  };
  /** Errors are shown after the first attempt to save, and from then on while typing. */
  const wrong = (field: FieldName): string | undefined => (tried ? problems.get(field) : undefined);

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    const [first] = problems.keys();
    if (first !== undefined) {
      body.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      return;
    }
    setSaving(true);
    const reply = await send(form, draft);
    setSaving(false);
    if (reply === undefined || reply.ok) closeDialog();
    else {
      const { what, remedy } = describeProblem(reply.error);
      setTrouble(`${what} ${remedy}`);
    }
  };

  const pickLocal = async (): Promise<void> => {
    if (!canPick) {
      setPicking('local');
      return;
    }
    const reply = await run('pickLocal', { kind: 'folder', title: 'Which folder of this computer?' });
    if (reply.ok && reply.value.path !== undefined) change({ local: reply.value.path });
  };

  const toComputer = draft.direction === 'to-computer';
  return (
    <Dialog
      wide
      title={known === undefined ? 'New pair' : 'Change the pair'}
      description={
        'pair' in form ? undefined : `A folder of ${form.device.name} and one of this computer, kept in step.`
      }
      onClose={closeDialog}
      foot={
        <>
          {trouble === undefined ? null : (
            <p className="pair-trouble grow" role="alert">
              {trouble}
            </p>
          )}
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="main" type="submit" form={id} disabled={saving}>
            {known === undefined ? 'Add the pair' : 'Save'}
          </Button>
        </>
      }
    >
      <form id={id} ref={body} className="pair-form" noValidate onSubmit={(event) => void save(event)}>
        <Field
          name="Name"
          more={known === undefined ? 'Empty: the two folders’ names.' : undefined}
          wrong={wrong('name')}
        >
          {(field) => (
            <input
              {...field}
              name="name"
              className="field"
              data-first
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          )}
        </Field>

        <h3 className="settings-title">Folders</h3>
        <Choice
          name="Direction"
          more={known === undefined ? undefined : 'A pair keeps its direction and its phone’s folder.'}
          disabled={known !== undefined}
          value={draft.direction}
          options={SYNC_DIRECTIONS.map((one) => [one, DIRECTION_NAMES[one]])}
          onChange={(direction) => change({ direction })}
        />
        {'device' in form && form.device.storages.length > 1 ? (
          <Choice
            name="Storage"
            value={draft.storage ?? ''}
            options={form.device.storages.map((one) => [one.key, one.name])}
            onChange={(key) => change({ storage: form.device.storages.find((one) => one.key === key)?.key })}
          />
        ) : null}
        <Field name="Phone folder" wrong={wrong('phone')}>
          {(field) => (
            <span className="pair-folder">
              <input
                {...field}
                name="phone"
                className="field"
                spellCheck={false}
                placeholder="/DCIM/Camera"
                disabled={known !== undefined}
                value={draft.phone}
                onChange={(event) => change({ phone: event.target.value })}
              />
              {known === undefined ? (
                <Button aria-label="Choose the phone folder" onClick={() => setPicking('phone')}>
                  Choose…
                </Button>
              ) : null}
            </span>
          )}
        </Field>
        <Field
          name="Computer folder"
          more={
            known === undefined
              ? undefined
              : 'Where the files are now. Replug moves none: take them there yourself, or they are copied again.'
          }
          wrong={wrong('local')}
        >
          {(field) => (
            <span className="pair-folder">
              <input
                {...field}
                name="local"
                className="field"
                spellCheck={false}
                value={draft.local}
                onChange={(event) => change({ local: event.target.value })}
              />
              <Button aria-label="Choose the computer folder" onClick={() => void pickLocal()}>
                Choose…
              </Button>
            </span>
          )}
        </Field>

        <h3 className="settings-title">Which files</h3>
        <fieldset className="pair-field">
          <legend>Kinds</legend>
          <div className="pair-kinds">
            {SYNC_KINDS.map((kind) => (
              <label key={kind} className="check">
                <input
                  type="checkbox"
                  checked={draft.kinds.includes(kind)}
                  onChange={(event) =>
                    change({
                      kinds: SYNC_KINDS.filter((one) =>
                        one === kind ? event.target.checked : draft.kinds.includes(one),
                      ),
                    })
                  }
                />
                {KIND_NAMES[kind]}
              </label>
            ))}
            <span className="quiet">{draft.kinds.length === 0 ? 'None chosen: all files' : ''}</span>
          </div>
        </fieldset>
        <Field name="Only" more="One pattern a line, like *.jpg or Trips/**. Empty: all.">
          {(field) => (
            <textarea
              {...field}
              className="field"
              rows={2}
              spellCheck={false}
              value={draft.include}
              onChange={(event) => change({ include: event.target.value })}
            />
          )}
        </Field>
        <Field name="Leave out" more="One pattern a line, like .thumbnails or *.tmp.">
          {(field) => (
            <textarea
              {...field}
              className="field"
              rows={2}
              spellCheck={false}
              value={draft.exclude}
              onChange={(event) => change({ exclude: event.target.value })}
            />
          )}
        </Field>
        <Field name="Newer than" wrong={wrong('newerThan')}>
          {(field) => (
            <input
              {...field}
              name="newerThan"
              type="date"
              className="field pair-short"
              value={draft.newerThan}
              onChange={(event) => change({ newerThan: event.target.value })}
            />
          )}
        </Field>
        <Field name="Larger than" unit="MB" wrong={wrong('largerThan')}>
          {(field) => (
            <input
              {...field}
              name="largerThan"
              inputMode="decimal"
              className="field pair-short"
              value={draft.largerThan}
              onChange={(event) => change({ largerThan: event.target.value })}
            />
          )}
        </Field>

        <h3 className="settings-title">Copies</h3>
        {toComputer ? (
          <Choice
            name="Folders of the copies"
            more={known === undefined ? undefined : 'For new files; copies that are there stay where they are.'}
            value={draft.layout}
            options={SYNC_LAYOUTS.map((one) => [one, LAYOUT_NAMES[one]])}
            onChange={(layout) => change({ layout })}
          />
        ) : null}
        <Choice
          name="When the name is taken"
          more="By a file this pair did not copy, or by a copy that was edited since."
          value={draft.conflicts}
          options={SYNC_CONFLICTS.map((one) => [one, CONFLICT_NAMES[one]])}
          onChange={(conflicts) => change({ conflicts })}
        />
        <Choice
          name="When the original has gone"
          more={
            draft.deletions === 'mirror'
              ? 'Only copies this pair made and nobody edited. A preview lists them first.'
              : undefined
          }
          value={draft.deletions}
          options={SYNC_DELETIONS.map((one) => [one, DELETION_NAMES[one]])}
          onChange={(deletions) => change({ deletions })}
        />
        {draft.deletions === 'mirror' ? (
          <Field name="Ask before deleting more than" unit="% of all files" wrong={wrong('deletionLimit')}>
            {(field) => (
              <input
                {...field}
                name="deletionLimit"
                inputMode="numeric"
                className="field pair-short"
                value={draft.deletionLimit}
                onChange={(event) => change({ deletionLimit: event.target.value })}
              />
            )}
          </Field>
        ) : null}
        <Choice
          name="Verify"
          value={draft.verify}
          options={VERIFY_LEVELS.map((one) => [one, VERIFY_NAMES[one]])}
          onChange={(verify) => change({ verify })}
        />

        <h3 className="settings-title">Runs</h3>
        <div className="pair-field">
          <label htmlFor={`${id}-plug`}>When the phone is plugged in</label>
          <div>
            <Switch.Root
              id={`${id}-plug`}
              className="switch"
              checked={draft.automatic}
              onCheckedChange={(automatic) => change({ automatic })}
            >
              <Switch.Thumb />
            </Switch.Root>
          </div>
        </div>
      </form>
      {picking === 'phone' && 'device' in form && draft.storage !== undefined ? (
        <PickPhoneDialog
          start={{ device: form.device.key, storage: draft.storage, path: phoneFolder(draft.phone) ?? ROOT }}
          onClose={() => setPicking(undefined)}
          picked={(phone) => {
            setPicking(undefined);
            change({ phone });
          }}
        />
      ) : null}
      {picking === 'local' ? (
        <PickDialog
          want="folder"
          title="Which folder of this computer?"
          action="Use this folder"
          onClose={() => setPicking(undefined)}
          picked={(local) => change({ local })}
        />
      ) : null}
    </Dialog>
  );
}

async function send(form: PairForm, draft: PairDraft) {
  if ('pair' in form) return bridge.command('syncChange', changeArgument(draft, form.pair));
  const argument = addArgument(draft, form.device.key);
  return argument === undefined ? undefined : bridge.command('syncAdd', argument);
}

interface FieldProps {
  readonly name: string;
  /** One sentence that says what the option does. */
  readonly more?: string | undefined;
  readonly unit?: string;
  readonly wrong?: string | undefined;
  readonly children: (field: {
    readonly id: string;
    readonly 'aria-describedby'?: string;
    readonly 'aria-invalid'?: true;
  }) => ReactNode;
}

/** A label, its control, an explanation and an error message. */
function Field({ name, more, unit, wrong, children }: FieldProps): ReactNode {
  const id = useId();
  const described = [
    unit === undefined ? '' : `${id}-unit`,
    more === undefined ? '' : `${id}-more`,
    wrong === undefined ? '' : `${id}-wrong`,
  ].filter((one) => one !== '');
  return (
    <div className="pair-field">
      <label htmlFor={id}>{name}</label>
      <div>
        <span className="pair-control">
          {children({
            id,
            ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
            ...(wrong === undefined ? {} : { 'aria-invalid': true }),
          })}
          {unit === undefined ? null : <span id={`${id}-unit`}>{unit}</span>}
        </span>
        {wrong === undefined ? null : (
          <p className="pair-wrong" id={`${id}-wrong`}>
            {wrong}
          </p>
        )}
        {more === undefined ? null : (
          <p className="quiet" id={`${id}-more`}>
            {more}
          </p>
        )}
      </div>
    </div>
  );
}

type ChoiceProps<T extends string> = Pick<FieldProps, 'name' | 'more'> & Omit<SelectProps<T>, 'id'>;

function Choice<T extends string>({ name, more, ...select }: ChoiceProps<T>): ReactNode {
  return (
    <Field name={name} more={more}>
      {(field) => <Select {...select} {...field} />}
    </Field>
  );
}
