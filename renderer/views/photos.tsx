import { Eraser, SlidersHorizontal } from 'lucide-react';
import { memo, useEffect, useMemo, type ReactNode } from 'react';
import { isAnonymous } from '../../shared/domain.ts';
import { describeProblem, type Problem } from '../../shared/errors.ts';
import type { PhonePhotos, PhotoKind } from '../../shared/photos.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Progress } from '../parts/progress.tsx';
import { Select } from '../parts/select.tsx';
import { useHost } from '../stores/host.ts';
import { useLanguage } from '../stores/language.ts';
import {
  followPhotos,
  importSelected,
  lookAgain,
  selectShots,
  showOnly,
  showPhotosOf,
  usePhotos,
} from '../stores/photos.ts';
import { openDialog } from '../stores/window.ts';
import { lookWords } from '../view-models/photo-words.ts';
import { bytes } from '../view-models/words.ts';
import { Page } from './page.tsx';
import { PhotoGrid } from './photo-grid.tsx';
import { useShownDevice } from './shown-device.ts';
import { SizeLimit } from './size-limit.tsx';
import './photos.css';

/** Photos and videos of a phone by day: what is new is selected, and is imported once. */
export function Photos(): ReactNode {
  const devices = useHost((state) => state.devices?.devices);
  const shown = useShownDevice();
  const device = usePhotos((state) => state.device);
  const ready = (devices ?? []).filter((one) => one.state.kind === 'ready');
  const usual = ready.find((one) => one.key === shown?.key) ?? ready[0];
  const current = ready.find((one) => one.key === device);
  const phone = usePhotos((state) => state.snapshot?.phones.find((one) => one.device === device));

  useEffect(followPhotos, []);
  const wanted = (current ?? usual)?.key;
  useEffect(() => {
    if (wanted !== undefined) showPhotosOf(wanted);
  }, [wanted]);

  return (
    <Page
      name="photos"
      label={windowWords.place.photos}
      head={
        <>
          {ready.length < 2 ? null : (
            <Select
              aria-label={windowWords.photos.phone}
              value={wanted ?? ''}
              options={ready.map((one) => [one.key as string, one.name])}
              onChange={(key) => {
                const chosen = ready.find((one) => one.key === key);
                if (chosen !== undefined) showPhotosOf(chosen.key);
              }}
            />
          )}
          {wanted === undefined ? null : <Filters />}
          {wanted === undefined ? null : (
            <>
              <Button
                icon={Eraser}
                disabled={phone?.look.kind !== 'ready'}
                onClick={() => openDialog({ kind: 'free', device: wanted })}
              >
                {windowWords.photos.free}
              </Button>
              <IconButton
                icon={SlidersHorizontal}
                label={windowWords.photos.settings}
                onClick={() => openDialog({ kind: 'photo-settings', device: wanted })}
              />
            </>
          )}
        </>
      }
    >
      {wanted === undefined ? (
        <p className="photos-none">{windowWords.photos.plugIn}</p>
      ) : (
        <>
          <Look phone={phone} />
          <PhotoGrid device={wanted} />
          <Foot />
        </>
      )}
    </Page>
  );
}

function Filters(): ReactNode {
  const { imported, kind, largerThan } = usePhotos((state) => state.view);
  const words = windowWords.photos;
  const kinds: readonly (readonly [PhotoKind | 'all', string])[] = [
    ['all', words.kind.all],
    ['photo', words.kind.photo],
    ['video', words.kind.video],
    ['screenshot', words.kind.screenshot],
  ];
  return (
    <div className="photos-filters">
      <Select
        aria-label={words.which}
        value={imported ? 'all' : 'new'}
        options={[
          ['new', words.onlyNew],
          ['all', words.withImported],
        ]}
        onChange={(which) => showOnly({ imported: which === 'all' })}
      />
      <Select aria-label={words.kinds} value={kind} options={kinds} onChange={(one) => showOnly({ kind: one })} />
      <SizeLimit value={largerThan} onChange={(size) => showOnly({ largerThan: size })} />
    </div>
  );
}

/** How the look goes, or what it found. */
function Look({ phone }: { readonly phone: PhonePhotos | undefined }): ReactNode {
  if (phone === undefined) return null;
  const { text, share } = lookWords(phone);
  const isUntold = ({ fault }: Problem): boolean => fault?.id === 'sizes-untold';
  const untold = phone.problems.find(isUntold);
  const away = phone.problems.filter((problem) => !isUntold(problem));
  return (
    <div className="photos-look">
      <p role="status">{text}</p>
      {share === undefined ? null : <Progress label={text} value={share} />}
      {phone.look.kind === 'failed' || phone.look.kind === 'ready' ? (
        <Button size="small" look="link" onClick={() => void lookAgain()}>
          {windowWords.photos.lookAgain}
        </Button>
      ) : null}
      {isAnonymous(phone.device) ? <p className="quiet photos-note">{windowWords.photos.cannotTell}</p> : null}
      {phone.look.kind === 'failed' ? <p role="alert">{describeProblem(phone.look.problem).what}</p> : null}
      {untold === undefined ? null : (
        <p role="alert">
          {describeProblem(untold).what} {describeProblem(untold).remedy}
        </p>
      )}
      {away.length === 0 ? null : (
        <details>
          <summary>{windowWords.photos.problems({ count: away.length })}</summary>
          <ul>
            {away.map((problem, index) => (
              <li key={index}>{describeProblem(problem).what}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What is selected, where it goes, and the button that imports it. */
const Foot = memo(function Foot(): ReactNode {
  useLanguage();
  const selected = usePhotos((state) => state.selected);
  const shots = usePhotos((state) => state.shots);
  const to = usePhotos((state) => state.snapshot?.settings.to);
  const words = windowWords.photos;
  const chosen = useMemo(() => shots.filter(({ id }) => selected.has(id)), [shots, selected]);
  // of what is filtered out only the number is known
  const isAllShown = chosen.length === selected.size;
  const size = bytes(chosen.reduce((sum, one) => sum + one.bytes, 0));
  return (
    <footer className="photos-foot">
      <p role="status">
        {isAllShown ? words.selected({ count: selected.size, size }) : words.selectedOnly({ count: selected.size })}
      </p>
      <p className={to === undefined ? 'quiet' : 'quiet ends'} title={to} dir={to === undefined ? undefined : 'auto'}>
        {to ?? words.usualFolder}
      </p>
      <Button look="plain" disabled={selected.size === 0} onClick={() => selectShots(new Set())}>
        {words.selectNone}
      </Button>
      <Button look="main" disabled={selected.size === 0} onClick={() => void importSelected()}>
        {words.import}
      </Button>
    </footer>
  );
});
