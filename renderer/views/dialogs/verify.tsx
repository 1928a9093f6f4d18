import { useVirtualizer } from '@tanstack/react-virtual';
import { Check, Copy } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ROOT, samePlace, type LocalPath, type PhonePlace } from '../../../shared/domain.ts';
import type { ComparedCopy } from '../../../shared/verify.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Progress } from '../../parts/progress.tsx';
import { Choice } from '../../parts/setting.tsx';
import { run, useDevice, useHost } from '../../stores/host.ts';
import { say } from '../../stores/notices.ts';
import {
  allDifferences,
  compare,
  isComparing,
  stopComparing,
  useVerify,
  type Verification,
} from '../../stores/verify.ts';
import { closeDialog } from '../../stores/window.ts';
import { placeName } from '../../view-models/places.ts';
import {
  differencesIn,
  howWords,
  levelOptions,
  notesOf,
  reportOf,
  shareOf,
  stateWords,
  toneOf,
} from '../../view-models/verify.ts';
import { PickDialog } from './pick.tsx';

interface VerifyProps {
  readonly place: PhonePlace;
  readonly want: 'file' | 'folder';
}

/**
 * Compares a copy on this computer with what is on the phone: asks which copy and how closely, then shows how far it is and
 * what differs. Closing it does not end the comparison.
 */
export function VerifyDialog({ place, want }: VerifyProps): ReactNode {
  const last = useVerify((state) => state.last);
  const [again, setAgain] = useState(false);
  const mine = last !== undefined && samePlace(last.place, place) ? last : undefined;
  const shown = isComparing(mine) || !again ? mine : undefined;
  const [picked, setPicked] = useState(mine?.local);
  const newest = useNewestCopy(place);
  const local = picked ?? newest;
  const [level, setLevel] = useState(mine?.level ?? 'sampled');
  const [picking, setPicking] = useState(false);
  const name = useName(place);
  const words = windowWords.verify;
  const question = (want === 'folder' ? words.whichFolder : words.whichFile)({ name });

  const pick = async (): Promise<void> => {
    if (useHost.getState().info?.canPick !== true) {
      setPicking(true);
      return;
    }
    const reply = await run('pickLocal', { kind: want, title: question });
    if (reply.ok && reply.value.path !== undefined) setPicked(reply.value.path);
  };
  const begin = (): void => {
    if (local === undefined) return;
    setAgain(false);
    compare({ place, want, local, level });
  };
  return (
    <Dialog
      wide
      title={words.title({ name })}
      description={shown === undefined ? words.about : undefined}
      onClose={closeDialog}
      foot={
        shown === undefined ? (
          <>
            <Button onClick={closeDialog}>{windowWords.act.cancel}</Button>
            <Button look="main" disabled={local === undefined} onClick={begin}>
              {words.compare}
            </Button>
          </>
        ) : (
          <Foot one={shown} name={name} onAgain={() => setAgain(true)} />
        )
      }
    >
      {shown === undefined ? (
        <>
          <div className="setting">
            <div>
              <p id="verify-computer">{words.computer}</p>
              <p className="quiet selectable setting-path" dir="auto">
                {local ?? question}
              </p>
            </div>
            <Button data-first aria-describedby="verify-computer" onClick={() => void pick()}>
              {windowWords.act.choose}
            </Button>
          </div>
          <Choice
            name={words.closeness}
            sentence={words.closenessMore}
            value={level}
            options={levelOptions()}
            onChange={setLevel}
          />
        </>
      ) : (
        <Compared one={shown} name={name} />
      )}
      {picking ? (
        <PickDialog
          want={want}
          title={question}
          action={want === 'folder' ? windowWords.act.useFolder : words.useFile}
          onClose={() => setPicking(false)}
          picked={setPicked}
        />
      ) : null}
    </Dialog>
  );
}

/** The copy that Replug made last is most likely the one that is meant. */
function useNewestCopy(place: PhonePlace): LocalPath | undefined {
  const [newest, setNewest] = useState<LocalPath>();
  useEffect(() => {
    let isOpen = true;
    void bridge.command('copies', { place }).then((reply) => {
      if (isOpen && reply.ok) setNewest(reply.value.copies[0]?.local);
    });
    return () => {
      isOpen = false;
    };
  }, [place]);
  return newest;
}

interface ComparedProps {
  readonly one: Verification;
  readonly name: string;
}

function Foot({ one, name, onAgain }: ComparedProps & { readonly onAgain: () => void }): ReactNode {
  return (
    <>
      {isComparing(one) ? (
        <Button onClick={stopComparing}>{windowWords.act.stop}</Button>
      ) : (
        <Button onClick={onAgain}>{windowWords.verify.again}</Button>
      )}
      <span className="grow" />
      {one.told === undefined || one.problem !== undefined ? null : <CopyText one={one} name={name} />}
      <Button onClick={closeDialog}>{windowWords.act.close}</Button>
    </>
  );
}

function Compared({ one, name }: ComparedProps): ReactNode {
  const { told, local, problem, place } = one;
  const device = useDevice(place.device);
  const words = windowWords.verify;
  const running = isComparing(one);
  const left = told === undefined ? 0 : differencesIn(told.progress.counts) - told.copies.length;
  return (
    <>
      <p className="quiet setting-path selectable" dir="auto">
        {local}
      </p>
      <p role="status" className="tone verify-state" data-tone={problem === undefined ? toneOf(told) : 'bad'}>
        {stateWords(told, problem, device)}
      </p>
      {running ? (
        <>
          <Progress
            label={words.title({ name })}
            value={told === undefined ? 0 : shareOf(told.progress)}
            unmeasured={told === undefined || told.progress.phase === 'listing'}
          />
          <p className="quiet ends verify-current" dir="auto" title={told?.progress.current}>
            {told?.progress.current}
          </p>
          <p className="quiet">{words.goesOn}</p>
        </>
      ) : null}
      {told === undefined
        ? null
        : notesOf(told).map((note) => (
            <p key={note} className="quiet">
              {note}
            </p>
          ))}
      {told === undefined || told.copies.length === 0 ? null : <Differences copies={told.copies} />}
      {left > 0 && !running ? <p className="quiet">{words.more({ count: left })}</p> : null}
    </>
  );
}

function CopyText({ one, name }: { readonly one: Verification; readonly name: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const { place, local, told } = one;
  if (told === undefined) return null;
  const phone = place.path === ROOT ? name : place.path;
  const copy = async (): Promise<void> => {
    const copies = await allDifferences(one);
    await navigator.clipboard.writeText(reportOf({ computer: local, phone }, told, copies)).then(
      () => setCopied(true),
      () => say(windowWords.lesson.copyFailed),
    );
  };
  return (
    <Button icon={copied ? Check : Copy} onClick={() => void copy()}>
      {copied ? windowWords.act.copied : windowWords.verify.copyText}
    </Button>
  );
}

const ROW = 28;

function Differences({ copies }: { readonly copies: readonly ComparedCopy[] }): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: copies.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    useFlushSync: false,
  });
  return (
    <div className="report" ref={scroller} tabIndex={0} role="region" aria-label={windowWords.verify.list}>
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const copy = copies[item.index];
          if (copy === undefined) return null;
          const how = howWords(copy);
          return (
            <li key={item.key} className="verify-row" style={{ transform: `translateY(${item.start}px)` }}>
              <span className="ends" dir="auto" title={copy.path}>
                {copy.path}
              </span>
              <span className="ends" title={how}>
                {how}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What is compared, as it is called on the phone. */
function useName(place: PhonePlace): string {
  const devices = useHost((state) => state.devices?.devices);
  return placeName(place, devices ?? []);
}
