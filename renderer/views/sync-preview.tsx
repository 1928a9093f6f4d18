import { useEffect, useState, type ReactNode } from 'react';
import type { PreviewId, ShownPreview, SyncAction } from '../../shared/sync.ts';
import { Button } from '../parts/button.tsx';
import { run } from '../stores/host.ts';
import {
  actionTree,
  actionWords,
  folderWords,
  heldWords,
  missingWords,
  previewWords,
  type ActionFolder,
} from '../view-models/sync.ts';
import { bytes } from '../view-models/words.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Lines that are asked for at once. */
const AT_ONCE = 500;

/** What the person has said yes to. */
export interface Confirmed {
  readonly confirmDeletions?: PreviewId;
  readonly confirmMissing?: PreviewId;
}

interface PreviewProps {
  readonly preview: ShownPreview;
  readonly onRun: (confirmed: Confirmed) => Promise<void>;
}

/** What a run would do: the sum, then folder by folder. */
export function SyncPreviewTree({ preview, onRun }: PreviewProps): ReactNode {
  const [lines, setLines] = useState<{ readonly total: number; readonly actions: readonly SyncAction[] }>();
  const { id } = preview;
  useEffect(() => {
    let current = true;
    void run('syncActions', { preview: id, offset: 0, limit: AT_ONCE }).then((reply) => {
      if (current && reply.ok) setLines(reply.value);
    });
    return () => {
      current = false;
    };
  }, [id]);
  const more = async (): Promise<void> => {
    const reply = await run('syncActions', { preview: id, offset: lines?.actions.length ?? 0, limit: AT_ONCE });
    if (reply.ok) setLines({ total: reply.value.total, actions: [...(lines?.actions ?? []), ...reply.value.actions] });
  };
  const held = heldWords(preview);
  const missing = missingWords(preview);
  const tree = actionTree(lines?.actions ?? []);
  const left = lines === undefined ? 0 : lines.total - lines.actions.length;
  return (
    <section className="sync-detail" aria-label={windowWords.sync.preview.label}>
      <p>{previewWords(preview)}</p>
      {missing === undefined ? null : (
        <p className="tone" data-tone="attention">
          {missing}{' '}
          <Button size="small" onClick={() => void onRun({ confirmMissing: id })}>
            {windowWords.sync.preview.copyAgain}
          </Button>
        </p>
      )}
      {held === undefined ? null : (
        <p className="tone" data-tone="attention">
          {held}{' '}
          {preview.delete.hold.kind === 'ask' ? (
            <Button size="small" look="danger" onClick={() => void onRun({ confirmDeletions: id })}>
              {windowWords.sync.preview.runDelete}
            </Button>
          ) : null}
        </p>
      )}
      <div className="sync-tree">
        <Inside folder={tree} />
      </div>
      {left > 0 ? (
        <p>
          <Button size="small" onClick={() => void more()}>
            {windowWords.sync.preview.more({ count: left })}
          </Button>
        </p>
      ) : null}
    </section>
  );
}

function Folder({ folder }: { readonly folder: ActionFolder }): ReactNode {
  return (
    <details open>
      <summary>
        <span dir="auto">{folder.name}</span> <span className="quiet">{folderWords(folder)}</span>
      </summary>
      <Inside folder={folder} />
    </details>
  );
}

function Inside({ folder }: { readonly folder: ActionFolder }): ReactNode {
  return (
    <>
      {folder.folders.map((one) => (
        <Folder key={one.path} folder={one} />
      ))}
      {folder.actions.length === 0 ? null : (
        <ul className="sync-lines">
          {folder.actions.map((action) => (
            <li key={`${action.kind} ${action.path}`} data-kind={action.kind}>
              <span className="ends" dir="auto" title={action.path}>
                {action.path.slice(action.path.lastIndexOf('/') + 1)}
              </span>
              <span className="quiet ends" title={actionWords(action)}>
                {actionWords(action)}
              </span>
              <span className="number quiet">{bytes(action.size)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
