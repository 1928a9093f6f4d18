import { Switch } from 'radix-ui';
import { useId, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { ROOT } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { run, useHost } from '../../stores/host.ts';
import { closeDialog, type PairForm } from '../../stores/window.ts';
import {
  addArgument,
  changeArgument,
  draftOf,
  newDraft,
  phoneFolder,
  problemsOf,
  type Field as FieldName,
  type PairDraft,
} from '../../view-models/pair-form.ts';
import { Field } from './pair-field.tsx';
import { CopiesSection, FilesSection, FoldersSection } from './pair-sections.tsx';
import { PickDialog } from './pick.tsx';
import { PickPhoneDialog } from './pick-phone.tsx';
import './pair.css';
import { windowWords } from '../../../shared/words/made/window.ts';

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
    const reply = await run('pickLocal', { kind: 'folder', title: windowWords.pick.computer });
    if (reply.ok && reply.value.path !== undefined) change({ local: reply.value.path });
  };

  const section = { draft, known, change, wrong };
  return (
    <Dialog
      wide
      title={known === undefined ? windowWords.sync.new : windowWords.pair.edit}
      description={'pair' in form ? undefined : windowWords.pair.about({ device: form.device.name })}
      onClose={closeDialog}
      foot={
        <>
          {trouble === undefined ? null : (
            <p className="pair-trouble grow" role="alert">
              {trouble}
            </p>
          )}
          <Button onClick={closeDialog}>{windowWords.act.cancel}</Button>
          <Button look="main" type="submit" form={id} disabled={saving}>
            {known === undefined ? windowWords.pair.add : windowWords.act.save}
          </Button>
        </>
      }
    >
      <form id={id} ref={body} className="pair-form" noValidate onSubmit={(event) => void save(event)}>
        <Field
          name={windowWords.pair.name}
          more={known === undefined ? windowWords.pair.nameMore : undefined}
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

        <FoldersSection
          {...section}
          device={'device' in form ? form.device : undefined}
          pickPhone={() => setPicking('phone')}
          pickLocal={() => void pickLocal()}
        />
        <FilesSection {...section} />
        <CopiesSection {...section} />

        <h3 className="settings-title">{windowWords.pair.runs}</h3>
        <div className="pair-field">
          <label htmlFor={`${id}-plug`}>{windowWords.pair.plug}</label>
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
          title={windowWords.pick.computer}
          action={windowWords.act.useFolder}
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
