import { useState, type ReactNode } from 'react';
import { baseNameOf, type DeviceKey } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import type { Freeable, FreeReport, ShotId } from '../../../shared/photos.ts';
import { commonWords } from '../../../shared/words/made/common.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Progress } from '../../parts/progress.tsx';
import { Select } from '../../parts/select.tsx';
import { run } from '../../stores/host.ts';
import { lookAgain, usePhotos } from '../../stores/photos.ts';
import { closeDialog } from '../../stores/window.ts';
import { bytes, dateAndTime } from '../../view-models/words.ts';
import { Thumbnail } from '../pictures.tsx';
import { SizeLimit } from '../size-limit.tsx';

const DAY_MS = 86_400_000;
const AGES = [0, 30, 90, 365] as const;
/** As many are drawn; all are counted. */
const DRAWN = 500;

type Step =
  | { readonly kind: 'ask' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'found'; readonly shots: readonly Freeable[] }
  | { readonly kind: 'freeing'; readonly count: number }
  | { readonly kind: 'done'; readonly report: FreeReport };

/**
 * Frees the phone: only photos whose copies are on this computer and unchanged are offered, none is chosen beforehand, and
 * the engine proves both sides again right before each is deleted.
 */
export function FreeDialog({ device }: { readonly device: DeviceKey }): ReactNode {
  const [step, setStep] = useState<Step>({ kind: 'ask' });
  const [age, setAge] = useState<number>(90);
  const [least, setLeast] = useState<number>(0);
  const [chosen, setChosen] = useState<ReadonlySet<ShotId>>(new Set());
  const freeing = usePhotos((state) => state.snapshot?.phones.find((one) => one.device === device)?.freeing);
  const words = windowWords.photos;

  const look = async (): Promise<void> => {
    setStep({ kind: 'looking' });
    setChosen(new Set());
    const reply = await run('photosFreeable', {
      device,
      takenBefore: age === 0 ? undefined : Date.now() - age * DAY_MS,
      largerThan: least === 0 ? undefined : least,
    });
    setStep(reply.ok ? { kind: 'found', shots: reply.value.shots } : { kind: 'ask' });
  };
  const free = async (shots: readonly ShotId[]): Promise<void> => {
    setStep({ kind: 'freeing', count: shots.length });
    const reply = await run('photosFree', { device, shots });
    setStep(reply.ok ? { kind: 'done', report: reply.value } : { kind: 'ask' });
    void lookAgain();
  };

  const marked = step.kind === 'found' ? step.shots.filter(({ shot }) => chosen.has(shot.id)) : [];
  const size = bytes(marked.reduce((sum, { shot }) => sum + shot.bytes, 0));
  return (
    <Dialog
      wide
      title={words.freeTitle}
      description={words.freeMore}
      onClose={closeDialog}
      foot={
        step.kind === 'found' ? (
          <>
            <Button data-first onClick={closeDialog}>
              {windowWords.act.cancel}
            </Button>
            <Button
              look="danger"
              disabled={marked.length === 0}
              onClick={() => void free(marked.map(({ shot }) => shot.id))}
            >
              {words.freeNow({ count: marked.length, size })}
            </Button>
          </>
        ) : (
          <Button onClick={closeDialog}>{windowWords.act.close}</Button>
        )
      }
    >
      {step.kind === 'ask' || step.kind === 'looking' || step.kind === 'found' ? (
        <div className="free-limits">
          <Select
            aria-label={words.age}
            value={String(age)}
            options={AGES.map((days) => [String(days), days === 0 ? words.anyAge : words.olderThan({ days })])}
            onChange={(days) => setAge(Number(days))}
          />
          <SizeLimit value={least} onChange={setLeast} />
          <Button disabled={step.kind === 'looking'} onClick={() => void look()}>
            {words.freeLook}
          </Button>
        </div>
      ) : null}
      {step.kind === 'looking' ? <p role="status">{words.freeLooking}</p> : null}
      {step.kind === 'found' ? <Found device={device} shots={step.shots} chosen={chosen} onChoose={setChosen} /> : null}
      {step.kind === 'freeing' ? (
        <>
          <p role="status">{words.freeing({ done: freeing?.done ?? 0, all: freeing?.all ?? step.count })}</p>
          <Progress
            label={words.freeTitle}
            value={freeing === undefined || freeing.all === 0 ? 0 : Math.floor((100 * freeing.done) / freeing.all)}
          />
        </>
      ) : null}
      {step.kind === 'done' ? <Report report={step.report} /> : null}
    </Dialog>
  );
}

interface FoundProps {
  readonly device: DeviceKey;
  readonly shots: readonly Freeable[];
  readonly chosen: ReadonlySet<ShotId>;
  readonly onChoose: (chosen: ReadonlySet<ShotId>) => void;
}

function Found({ device, shots, chosen, onChoose }: FoundProps): ReactNode {
  const words = windowWords.photos;
  if (shots.length === 0) return <p role="status">{words.freeNone}</p>;
  const all = shots.reduce((sum, { shot }) => sum + shot.bytes, 0);
  const toggle = (id: ShotId): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <>
      <p role="status">{words.freeFound({ count: shots.length, size: bytes(all) })}</p>
      <p>
        <Button size="small" onClick={() => onChoose(new Set(shots.map(({ shot }) => shot.id)))}>
          {words.selectAll}
        </Button>{' '}
        <Button size="small" look="plain" onClick={() => onChoose(new Set())}>
          {words.selectNone}
        </Button>
      </p>
      <ul className="free-list">
        {shots.slice(0, DRAWN).map(({ shot, copies }) => {
          const [first] = shot.parts;
          const name = baseNameOf(first.path);
          return (
            <li key={shot.id}>
              <input type="checkbox" aria-label={name} checked={chosen.has(shot.id)} onChange={() => toggle(shot.id)} />
              <Thumbnail
                place={{ device, storage: first.storage, path: first.path }}
                entry={{ kind: 'file', name }}
                size={32}
              />
              <div>
                <p dir="auto">{name}</p>
                <p className="quiet">
                  {dateAndTime(shot.taken)} · {words.copyAt({ path: copies[0] ?? '' })}
                </p>
              </div>
              <span className="number quiet">{bytes(shot.bytes)}</span>
            </li>
          );
        })}
      </ul>
      {shots.length > DRAWN ? <p className="quiet">{words.freeMoreFound({ count: shots.length - DRAWN })}</p> : null}
    </>
  );
}

function Report({ report }: { readonly report: FreeReport }): ReactNode {
  const words = windowWords.photos;
  const { freed, gone, kept, shots } = report;
  return (
    <>
      <p role="status">{words.freed({ count: freed.shots, size: bytes(freed.bytes) })}</p>
      {gone.shots === 0 ? null : <p>{words.gone({ count: gone.shots })}</p>}
      {kept.shots === 0 ? null : (
        <>
          <p>{words.kept({ count: kept.shots })}</p>
          <ul className="free-list">
            {shots
              .filter((one) => !one.freed && one.deleted.length + one.gone.length < one.shot.parts.length)
              .slice(0, DRAWN)
              .map(({ shot, path, why, problem }) => (
                <li key={shot.id} className="free-kept">
                  <p>
                    {words.keptBecause({
                      name: baseNameOf(path),
                      why: problem === undefined ? commonWords.kept[why ?? 'failed'] : describeProblem(problem).what,
                    })}
                  </p>
                </li>
              ))}
          </ul>
        </>
      )}
    </>
  );
}
