import type { ReactNode } from 'react';
import { VERIFY_LEVELS, type Device } from '../../../shared/domain.ts';
import {
  SYNC_CONFLICTS,
  SYNC_DELETIONS,
  SYNC_DIRECTIONS,
  SYNC_KINDS,
  SYNC_LAYOUTS,
  type SyncPair,
} from '../../../shared/sync.ts';
import { Button } from '../../parts/button.tsx';
import {
  CONFLICT_NAMES,
  DELETION_NAMES,
  DIRECTION_NAMES,
  KIND_NAMES,
  LAYOUT_NAMES,
  type Field as FieldName,
  type PairDraft,
} from '../../view-models/pair-form.ts';
import { VERIFY_NAMES } from '../../view-models/settings.ts';
import { Choice, Field } from './pair-field.tsx';

/** Props of every section of the form. */
interface SectionProps {
  readonly draft: PairDraft;
  /** The pair being changed; `undefined` for a new one. */
  readonly known: SyncPair | undefined;
  readonly change: (what: Partial<PairDraft>) => void;
  /** The error message of a field, if it is to be shown. */
  readonly wrong: (field: FieldName) => string | undefined;
}

interface FoldersProps extends SectionProps {
  /** The phone of a new pair. */
  readonly device: Device | undefined;
  readonly pickPhone: () => void;
  readonly pickLocal: () => void;
}

/** The two folders, and which way files go. */
export function FoldersSection({ draft, known, change, wrong, device, pickPhone, pickLocal }: FoldersProps): ReactNode {
  return (
    <>
      <h3 className="settings-title">Folders</h3>
      <Choice
        name="Direction"
        more={known === undefined ? undefined : 'A pair keeps its direction and its phone’s folder.'}
        disabled={known !== undefined}
        value={draft.direction}
        options={SYNC_DIRECTIONS.map((one) => [one, DIRECTION_NAMES[one]])}
        onChange={(direction) => change({ direction })}
      />
      {device !== undefined && device.storages.length > 1 ? (
        <Choice
          name="Storage"
          value={draft.storage ?? ''}
          options={device.storages.map((one) => [one.key, one.name])}
          onChange={(key) => change({ storage: device.storages.find((one) => one.key === key)?.key })}
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
              <Button aria-label="Choose the phone folder" onClick={pickPhone}>
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
            <Button aria-label="Choose the computer folder" onClick={pickLocal}>
              Choose…
            </Button>
          </span>
        )}
      </Field>
    </>
  );
}

/** Filters: which files of the folder belong to the pair. */
export function FilesSection({ draft, change, wrong }: SectionProps): ReactNode {
  return (
    <>
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
    </>
  );
}

/** How files are copied, and what happens to a copy when its original is gone. */
export function CopiesSection({ draft, known, change, wrong }: SectionProps): ReactNode {
  return (
    <>
      <h3 className="settings-title">Copies</h3>
      {draft.direction === 'to-computer' ? (
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
    </>
  );
}
