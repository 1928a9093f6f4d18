import type { ReactNode } from 'react';
import { VERIFY_LEVELS, type Device } from '../../../shared/domain.ts';
import {
  SYNC_CONFLICTS,
  SYNC_DELETIONS,
  SYNC_DIRECTIONS,
  SYNC_KINDS,
  SYNC_LAYOUTS,
  SYNC_REMOVED,
  type SyncPair,
} from '../../../shared/sync.ts';
import { Button } from '../../parts/button.tsx';
import { type Field as FieldName, type PairDraft } from '../../view-models/pair-form.ts';
import { Choice, Field } from './pair-field.tsx';
import { windowWords } from '../../../shared/words/made/window.ts';

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
      <h3 className="settings-title">{windowWords.pair.folders}</h3>
      <Choice
        name={windowWords.pair.direction}
        more={known === undefined ? undefined : windowWords.pair.directionFixed}
        disabled={known !== undefined}
        value={draft.direction}
        options={SYNC_DIRECTIONS.map((one) => [one, windowWords.pair.directions[one]])}
        onChange={(direction) => change({ direction })}
      />
      {device !== undefined && device.storages.length > 1 ? (
        <Choice
          name={windowWords.pair.storage}
          value={draft.storage ?? ''}
          options={device.storages.map((one) => [one.key, one.name])}
          onChange={(key) => change({ storage: device.storages.find((one) => one.key === key)?.key })}
        />
      ) : null}
      <Field name={windowWords.pair.phoneFolder} wrong={wrong('phone')}>
        {(field) => (
          <span className="pair-folder">
            <input
              {...field}
              name="phone"
              dir="auto"
              className="field"
              spellCheck={false}
              placeholder="/DCIM/Camera"
              disabled={known !== undefined}
              value={draft.phone}
              onChange={(event) => change({ phone: event.target.value })}
            />
            {known === undefined ? (
              <Button aria-label={windowWords.pair.choosePhone} onClick={pickPhone}>
                {windowWords.act.choose}
              </Button>
            ) : null}
          </span>
        )}
      </Field>
      <Field
        name={windowWords.pair.computerFolder}
        more={known === undefined ? undefined : windowWords.pair.computerMore}
        wrong={wrong('local')}
      >
        {(field) => (
          <span className="pair-folder">
            <input
              {...field}
              name="local"
              dir="auto"
              className="field"
              spellCheck={false}
              value={draft.local}
              onChange={(event) => change({ local: event.target.value })}
            />
            <Button aria-label={windowWords.pair.chooseComputer} onClick={pickLocal}>
              {windowWords.act.choose}
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
      <h3 className="settings-title">{windowWords.pair.which}</h3>
      <fieldset className="pair-field">
        <legend>{windowWords.pair.kinds}</legend>
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
              {windowWords.pair.kind[kind]}
            </label>
          ))}
          <span className="quiet">{draft.kinds.length === 0 ? windowWords.pair.allKinds : ''}</span>
        </div>
      </fieldset>
      <Field name={windowWords.pair.only} more={windowWords.pair.onlyMore}>
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
      <Field name={windowWords.pair.exclude} more={windowWords.pair.excludeMore}>
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
      <Field name={windowWords.pair.newer} wrong={wrong('newerThan')}>
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
      <Field name={windowWords.pair.larger} unit={windowWords.pair.megabytes} wrong={wrong('largerThan')}>
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
      <h3 className="settings-title">{windowWords.pair.copies}</h3>
      {draft.direction === 'to-computer' ? (
        <Choice
          name={windowWords.pair.layout}
          more={known === undefined ? undefined : windowWords.pair.layoutMore}
          value={draft.layout}
          options={SYNC_LAYOUTS.map((one) => [one, windowWords.pair.layouts[one]])}
          onChange={(layout) => change({ layout })}
        />
      ) : null}
      <Choice
        name={windowWords.pair.conflict}
        more={windowWords.pair.conflictMore}
        value={draft.conflicts}
        options={SYNC_CONFLICTS.map((one) => [one, windowWords.pair.conflicts[one]])}
        onChange={(conflicts) => change({ conflicts })}
      />
      <Choice
        name={windowWords.pair.deletion}
        more={draft.deletions === 'mirror' ? windowWords.pair.deletionMore : undefined}
        value={draft.deletions}
        options={SYNC_DELETIONS.map((one) => [one, windowWords.pair.deletions[one]])}
        onChange={(deletions) => change({ deletions })}
      />
      <Choice
        name={windowWords.pair.removal}
        value={draft.removed}
        options={SYNC_REMOVED.map((one) => [one, windowWords.pair.removals[one]])}
        onChange={(removed) => change({ removed })}
      />
      {draft.deletions === 'mirror' ? (
        <Field name={windowWords.pair.limit} unit={windowWords.pair.limitUnit} wrong={wrong('deletionLimit')}>
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
        name={windowWords.settings.verify}
        value={draft.verify}
        options={VERIFY_LEVELS.map((one) => [one, windowWords.settings.verifyLevel[one]])}
        onChange={(verify) => change({ verify })}
      />
    </>
  );
}
