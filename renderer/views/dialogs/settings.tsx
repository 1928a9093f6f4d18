import { useEffect, useState, type ReactNode } from 'react';
import type { CommandArgument } from '../../../shared/contract.ts';
import { CONFLICT_RULES, VERIFY_LEVELS } from '../../../shared/domain.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Choice, Setting, Toggle } from '../../parts/setting.tsx';
import { pick, saveText } from '../../stores/actions.ts';
import { run, useHost } from '../../stores/host.ts';
import { closeDialog, openDialog } from '../../stores/window.ts';
import { CONFLICT_NAMES, VERIFY_NAMES } from '../../view-models/settings.ts';
import { bytes } from '../../view-models/words.ts';
import { NO_SETTINGS } from '../toolbar.tsx';

type Change = Partial<{ [K in keyof CommandArgument<'setSettings'>]: CommandArgument<'setSettings'>[K] }>;
const change = (what: Change): void => void run('setSettings', { ...NO_SETTINGS, ...what });

/** All settings, each explained in one sentence. The engine stores them. */
export function SettingsDialog(): ReactNode {
  const settings = useHost((state) => state.settings);
  const info = useHost((state) => state.info);
  if (settings === undefined) return null;
  return (
    <Dialog
      wide
      title="Settings"
      onClose={closeDialog}
      foot={
        <>
          <span className="quiet grow">Replug {info?.version}</span>
          <Button
            onClick={() =>
              void run('diagnostics', undefined).then((reply) =>
                reply.ok ? saveText('Replug diagnostics.txt', 'text/plain', reply.value.text) : undefined,
              )
            }
          >
            Save diagnostics
          </Button>
        </>
      }
    >
      <h3 className="settings-title">Transfers</h3>
      <Choice
        name="When a name is taken"
        sentence="What happens when a file of that name is already there."
        value={settings.onConflict}
        options={CONFLICT_RULES.map((one) => [one, CONFLICT_NAMES[one]])}
        onChange={(onConflict) => change({ onConflict })}
      />
      <Choice
        name="Names the other side cannot hold"
        sentence="For example a colon, or a name that is too long."
        value={settings.onName}
        options={[
          ['ask', 'Ask me'],
          ['legal', 'Use the nearest allowed name'],
          ['fail', 'Leave the file out'],
        ]}
        onChange={(onName) => change({ onName })}
      />
      <Choice
        name="Verify"
        sentence="How each copy is checked. Byte by byte reads everything back and takes about twice as long."
        value={settings.verify}
        options={VERIFY_LEVELS.map((one) => [one, VERIFY_NAMES[one]])}
        onChange={(verify) => change({ verify })}
      />
      <Choice
        name="Large uploads"
        sentence="Android can let a large file carry on after an unplug, or keep its date, but not both."
        value={settings.large}
        options={[
          ['resumable', 'Carry on after an unplug'],
          ['keep-dates', 'Keep their dates'],
        ]}
        onChange={(large) => change({ large })}
      />
      <div className="setting">
        <div>
          <p id="setting-folder">Downloads go to</p>
          <p className="quiet selectable setting-path">{settings.downloadFolder}</p>
        </div>
        <Button
          aria-describedby="setting-folder"
          onClick={() =>
            void pick('folder', 'Where should downloads go?', 'Use this folder', (downloadFolder) => {
              change({ downloadFolder });
              openDialog({ kind: 'settings' });
            })
          }
        >
          Choose…
        </Button>
      </div>
      <h3 className="settings-title">This computer</h3>
      <Toggle
        name="Stay awake while files move"
        sentence="The computer does not go to sleep until transfers have ended."
        value={settings.preventSleep}
        onChange={(preventSleep) => change({ preventSleep })}
      />
      <Toggle
        name="Notifications"
        sentence="Tell me when a transfer has ended or needs me, if this window is not in front."
        value={settings.notifications}
        onChange={(notifications) => change({ notifications })}
      />
      <KeptPictures />
      <h3 className="settings-title">This window</h3>
      <Toggle
        name="Hidden files"
        sentence="Show entries whose name begins with a dot."
        value={settings.showHidden}
        onChange={(showHidden) => change({ showHidden })}
      />
      <Choice
        name="Appearance"
        sentence="Light, dark, or as the system has it. Dates and sizes follow the system’s language."
        value={settings.appearance}
        options={[
          ['system', 'As the system'],
          ['light', 'Light'],
          ['dark', 'Dark'],
        ]}
        onChange={(appearance) => change({ appearance })}
      />
    </Dialog>
  );
}

/** Thumbnails are cached on disk, so that a folder opened before shows them at once. */
function KeptPictures(): ReactNode {
  const [kept, setKept] = useState<number>();
  const look = (): void =>
    void bridge.command('keptPictures', undefined).then((reply) => {
      if (reply.ok) setKept(reply.value.bytes);
    });
  useEffect(look, []);
  return (
    <Setting
      name="Thumbnails on this computer"
      sentence={kept === undefined ? 'Being counted…' : `${bytes(kept)}. Asked of the phone again when they are gone.`}
    >
      {({ name, more }) => (
        <Button
          aria-describedby={`${name} ${more}`}
          disabled={kept === undefined || kept === 0}
          onClick={() => void run('clearPictures', undefined).then(look)}
        >
          Clear
        </Button>
      )}
    </Setting>
  );
}
