import { useEffect, useState, type ReactNode } from 'react';
import type { CommandArgument } from '../../../shared/contract.ts';
import { CONFLICT_RULES, LARGE_UPLOADS, NAME_RULES, VERIFY_LEVELS } from '../../../shared/domain.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Choice, Setting, Toggle } from '../../parts/setting.tsx';
import { pick, saveText } from '../../stores/actions.ts';
import { run, useHost } from '../../stores/host.ts';
import { closeDialog, openDialog } from '../../stores/window.ts';
import { bytes } from '../../view-models/words.ts';
import { NO_SETTINGS } from '../toolbar.tsx';
import { LANGUAGE_NAMES, LANGUAGES } from '../../../shared/words/languages.ts';
import { windowWords } from '../../../shared/words/made/window.ts';

type Change = Partial<{ [K in keyof CommandArgument<'setSettings'>]: CommandArgument<'setSettings'>[K] }>;
const change = (what: Change): void => void run('setSettings', { ...NO_SETTINGS, ...what });

const APPEARANCES = ['system', 'light', 'dark'] as const;

/** All settings, each explained in one sentence. The engine stores them. */
export function SettingsDialog(): ReactNode {
  const settings = useHost((state) => state.settings);
  const info = useHost((state) => state.info);
  if (settings === undefined) return null;
  const words = windowWords.settings;
  return (
    <Dialog
      wide
      title={windowWords.place.settings}
      onClose={closeDialog}
      foot={
        <>
          <span className="quiet grow">Replug {info?.version}</span>
          <Button
            onClick={() =>
              void run('diagnostics', undefined).then((reply) =>
                reply.ok
                  ? saveText(`${windowWords.notice.diagnosticsFile}.txt`, 'text/plain', reply.value.text)
                  : undefined,
              )
            }
          >
            {words.diagnostics}
          </Button>
        </>
      }
    >
      <h3 className="settings-title">{words.transfers}</h3>
      <Choice
        name={words.conflict}
        sentence={words.conflictMore}
        value={settings.onConflict}
        options={CONFLICT_RULES.map((one) => [one, words.conflictRule[one]])}
        onChange={(onConflict) => change({ onConflict })}
      />
      <Choice
        name={words.names}
        sentence={words.namesMore}
        value={settings.onName}
        options={NAME_RULES.map((one) => [one, words.nameRule[one]])}
        onChange={(onName) => change({ onName })}
      />
      <Choice
        name={words.verify}
        sentence={words.verifyMore}
        value={settings.verify}
        options={VERIFY_LEVELS.map((one) => [one, words.verifyLevel[one]])}
        onChange={(verify) => change({ verify })}
      />
      <Choice
        name={words.large}
        sentence={words.largeMore}
        value={settings.large}
        options={LARGE_UPLOADS.map((one) => [one, words.largeRule[one]])}
        onChange={(large) => change({ large })}
      />
      <div className="setting">
        <div>
          <p id="setting-folder">{words.downloadFolder}</p>
          <p className="quiet selectable setting-path" dir="auto">
            {settings.downloadFolder}
          </p>
        </div>
        <Button
          aria-describedby="setting-folder"
          onClick={() =>
            void pick('folder', words.whichDownloadFolder, windowWords.act.useFolder, (downloadFolder) => {
              change({ downloadFolder });
              openDialog({ kind: 'settings' });
            })
          }
        >
          {windowWords.act.choose}
        </Button>
      </div>
      <h3 className="settings-title">{words.computer}</h3>
      <Toggle
        name={words.awake}
        sentence={words.awakeMore}
        value={settings.preventSleep}
        onChange={(preventSleep) => change({ preventSleep })}
      />
      <Toggle
        name={words.notifications}
        sentence={words.notificationsMore}
        value={settings.notifications}
        onChange={(notifications) => change({ notifications })}
      />
      <Toggle
        name={words.catalogue}
        sentence={words.catalogueMore}
        value={settings.catalogue}
        onChange={(catalogue) => change({ catalogue })}
      />
      <KeptPictures />
      <KeptCopies />
      <h3 className="settings-title">{words.window}</h3>
      <Toggle
        name={words.hidden}
        sentence={words.hiddenMore}
        value={settings.showHidden}
        onChange={(showHidden) => change({ showHidden })}
      />
      <Choice
        name={words.appearance}
        sentence={words.appearanceMore}
        value={settings.appearance}
        options={APPEARANCES.map((one) => [one, words.appearanceRule[one]])}
        onChange={(appearance) => change({ appearance })}
      />
      <Choice
        name={words.language}
        sentence={words.languageMore}
        value={settings.language}
        options={[['system', words.languageSystem], ...LANGUAGES.map((one) => [one, LANGUAGE_NAMES[one]] as const)]}
        onChange={(language) => change({ language })}
      />
    </Dialog>
  );
}

/** Thumbnails are cached on disk, so that a folder opened before shows them at once. */
const KeptPictures = (): ReactNode => (
  <Kept
    name={windowWords.settings.thumbnails}
    sentence={windowWords.settings.thumbnailsMore}
    size="keptPictures"
    clear="clearPictures"
  />
);

/** Copies of files that were opened with programs. */
const KeptCopies = (): ReactNode => (
  <Kept
    name={windowWords.settings.copies}
    sentence={windowWords.settings.copiesMore}
    size="keptCopies"
    clear="clearCopies"
  />
);

interface KeptProps {
  readonly name: string;
  readonly sentence: (a: { readonly size: string }) => string;
  readonly size: 'keptPictures' | 'keptCopies';
  readonly clear: 'clearPictures' | 'clearCopies';
}

/** What is kept on this computer and can be fetched again: how much it is, and a button that removes it. */
function Kept({ name: title, sentence, size, clear }: KeptProps): ReactNode {
  const [kept, setKept] = useState<number>();
  const look = (): void =>
    void bridge.command(size, undefined).then((reply) => {
      if (reply.ok) setKept(reply.value.bytes);
    });
  useEffect(look, []);
  return (
    <Setting
      name={title}
      sentence={kept === undefined ? windowWords.inspector.measuring : sentence({ size: bytes(kept) })}
    >
      {({ name, more }) => (
        <Button
          aria-describedby={`${name} ${more}`}
          disabled={kept === undefined || kept === 0}
          onClick={() => void run(clear, undefined).then(look)}
        >
          {windowWords.act.clear}
        </Button>
      )}
    </Setting>
  );
}
