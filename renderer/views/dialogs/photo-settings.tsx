import { useEffect, useState, type ReactNode } from 'react';
import { isAnonymous, localPath, type DeviceKey, type LocalPath } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { TEMPLATE_WORDS } from '../../../shared/photos.ts';
import { windowWords } from '../../../shared/words/made/window.ts';
import { bridge } from '../../bridge/current.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Setting, Toggle } from '../../parts/setting.tsx';
import { pick } from '../../stores/actions.ts';
import { run } from '../../stores/host.ts';
import { lookAgain, usePhotos } from '../../stores/photos.ts';
import { closeDialog, openDialog } from '../../stores/window.ts';

/** Where imported photos go, how they are named, and which folders have photos already. */
export function PhotoSettingsDialog({ device }: { readonly device: DeviceKey }): ReactNode {
  const settings = usePhotos((state) => state.snapshot?.settings);
  if (settings === undefined) return null;
  const words = windowWords.photos;
  const back = (): void => openDialog({ kind: 'photo-settings', device });
  const library = (folders: readonly LocalPath[]): void =>
    void run('photosSettings', { library: folders }).then(() => lookAgain());
  return (
    <Dialog wide title={words.settings} onClose={closeDialog}>
      <div className="setting">
        <div>
          <p id="photos-to">{words.to}</p>
          <p className="quiet selectable setting-path" dir="auto">
            {settings.to ?? words.usualFolder}
          </p>
        </div>
        <Button
          data-first
          aria-describedby="photos-to"
          onClick={() =>
            void pick('folder', words.whichFolder, windowWords.act.useFolder, (to) => {
              void run('photosSettings', { to }).then(() => lookAgain());
              back();
            })
          }
        >
          {windowWords.act.choose}
        </Button>
      </div>
      <div className="setting">
        <div>
          <p id="photos-also">{words.also}</p>
          <p className="quiet selectable setting-path" dir="auto">
            {settings.second?.folder ?? words.noSecond}
          </p>
          <p className="quiet">{words.alsoMore}</p>
        </div>
        {settings.second === undefined ? null : (
          <Button
            aria-label={words.removeFolder({ folder: settings.second.folder })}
            onClick={() => void run('photosSettings', { also: localPath('') })}
          >
            {words.remove}
          </Button>
        )}
        <Button
          aria-describedby="photos-also"
          onClick={() =>
            void pick('folder', words.whichSecond, windowWords.act.useFolder, (also) => {
              void run('photosSettings', { also });
              back();
            })
          }
        >
          {windowWords.act.choose}
        </Button>
      </div>
      <Templates device={device} folders={settings.folders} names={settings.names} />
      <h3 className="settings-title">{words.library}</h3>
      <p className="quiet">{words.libraryMore}</p>
      <ul className="photo-library">
        {settings.library.map((folder) => (
          <li key={folder}>
            <span className="selectable" dir="auto">
              {folder}
            </span>
            <Button
              size="small"
              look="plain"
              aria-label={words.removeFolder({ folder })}
              onClick={() => library(settings.library.filter((one) => one !== folder))}
            >
              {words.remove}
            </Button>
          </li>
        ))}
      </ul>
      <Button
        size="small"
        onClick={() =>
          void pick('folder', words.whichLibrary, windowWords.act.useFolder, (folder) => {
            if (!settings.library.includes(folder)) library([...settings.library, folder]);
            back();
          })
        }
      >
        {words.addFolder}
      </Button>
      <Toggle
        name={words.messengers}
        sentence={words.messengersMore}
        value={settings.messengers}
        onChange={(messengers) => void run('photosSettings', { messengers }).then(() => lookAgain())}
      />
      {isAnonymous(device) ? null : (
        <Toggle
          name={words.automatic}
          sentence={words.automaticMore}
          value={settings.automatic.includes(device)}
          onChange={(on) => void run('photosAutomatic', { device, on })}
        />
      )}
    </Dialog>
  );
}

interface TemplatesProps {
  readonly device: DeviceKey;
  readonly folders: string;
  readonly names: string;
}

/** Both templates, with an example of what becomes of a photo; what is not valid is told and not stored. */
function Templates({ device, ...given }: TemplatesProps): ReactNode {
  const [{ folders, names }, setTyped] = useState(given);
  const [example, setExample] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const words = windowWords.photos;
  useEffect(() => {
    let current = true;
    void bridge.command('photosExample', { device, folders, names }).then((reply) => {
      if (!current) return;
      setExample(reply.ok ? reply.value.path : undefined);
      setWrong(reply.ok ? undefined : describeProblem(reply.error).what);
      if (reply.ok && (folders !== given.folders || names !== given.names))
        void run('photosSettings', { folders, names });
    });
    return () => {
      current = false;
    };
  }, [device, folders, names]);
  const field = (name: string, value: string, change: (value: string) => void): ReactNode => (
    <Setting name={name} sentence={words.templateMore({ words: TEMPLATE_WORDS.map((word) => `{${word}}`).join(' ') })}>
      {({ id, more }) => (
        <input
          id={id}
          className="field"
          aria-describedby={more}
          aria-invalid={wrong !== undefined}
          spellCheck={false}
          dir="ltr"
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Setting>
  );
  return (
    <>
      {field(words.folders, folders, (value) => setTyped({ folders: value, names }))}
      {field(words.names, names, (value) => setTyped({ folders, names: value }))}
      {wrong === undefined ? null : <p role="alert">{wrong}</p>}
      {example === undefined ? null : (
        <p className="quiet" role="status">
          {words.example({ path: example })}
        </p>
      )}
    </>
  );
}
