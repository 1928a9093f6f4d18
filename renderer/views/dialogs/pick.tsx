import { ChevronUp, House } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { LocalPath } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import type { CommandReply } from '../../../shared/contract.ts';
import { bridge } from '../../bridge/current.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { FileIcon } from '../../parts/file-icon.tsx';
import { useHost } from '../../stores/host.ts';
import { closeDialog } from '../../stores/window.ts';
import { kindOf } from '../../view-models/entry-kind.ts';
import { windowWords } from '../../../shared/words/made/window.ts';

interface PickProps {
  readonly want: 'folder' | 'file';
  readonly title: string;
  readonly action: string;
  readonly picked: (path: LocalPath) => void;
  /** Set when shown on top of another dialog; otherwise this is the open dialog. */
  readonly onClose?: () => void;
}

/** Picks a folder or file of the computer Replug runs on. A browser's own chooser would not reveal the path. */
export function PickDialog({ want, title, action, picked, onClose = closeDialog }: PickProps): ReactNode {
  const start = useHost((state) => state.settings?.downloadFolder);
  const [path, setPath] = useState<LocalPath | undefined>(start);
  const [shown, setShown] = useState<CommandReply<'listLocal'>>();
  const [trouble, setTrouble] = useState<string>();
  const [chosen, setChosen] = useState<LocalPath>();

  useEffect(() => {
    let current = true;
    void bridge.command('listLocal', { path, filesToo: want === 'file' }).then((reply) => {
      if (!current) return;
      if (reply.ok) {
        setShown(reply.value);
        setTrouble(undefined);
        setChosen(undefined);
      } else setTrouble(describeProblem(reply.error).what);
    });
    return () => {
      current = false;
    };
  }, [path, want]);

  const finish = (result: LocalPath | undefined): void => {
    if (result === undefined) return;
    onClose();
    picked(result);
  };
  return (
    <Dialog
      wide
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{windowWords.act.cancel}</Button>
          <Button look="main" disabled={shown === undefined} onClick={() => finish(chosen ?? shown?.path)}>
            {action}
          </Button>
        </>
      }
    >
      <div className="pick-path">
        <IconButton
          label={windowWords.act.parentFolder}
          icon={ChevronUp}
          disabled={shown?.parent === undefined}
          onClick={() => setPath(shown?.parent)}
        />
        <IconButton label={windowWords.pick.home} icon={House} onClick={() => setPath(undefined)} />
        <input
          key={shown?.path}
          className="field grow"
          dir="auto"
          aria-label={windowWords.pick.folder}
          defaultValue={shown?.path ?? ''}
          spellCheck={false}
          onKeyDown={(event) => {
            if (event.key === 'Enter') setPath(event.currentTarget.value as LocalPath);
          }}
        />
      </div>
      {trouble === undefined ? null : (
        <p className="pick-trouble" role="alert">
          {trouble}
        </p>
      )}
      <ul className="pick-list" aria-label={windowWords.pick.list}>
        {shown?.entries.map((entry) => (
          <li key={entry.path}>
            <button
              type="button"
              aria-pressed={chosen === entry.path}
              onClick={() => (entry.kind === 'folder' ? setPath(entry.path) : setChosen(entry.path))}
            >
              <FileIcon kind={kindOf(entry)} />
              <span className="ends" dir="auto" title={entry.name}>
                {entry.name}
              </span>
            </button>
          </li>
        ))}
        {shown?.entries.length === 0 ? <li className="quiet pick-none">{windowWords.pick.none}</li> : null}
      </ul>
    </Dialog>
  );
}
