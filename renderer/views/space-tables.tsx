import { FolderSearch } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import type { FoundEntry, SpaceNode, SpaceSummary } from '../../shared/catalogue.ts';
import { parentOf, type PhonePlace } from '../../shared/domain.ts';
import { date, number, percentage } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { IconButton } from '../parts/button.tsx';
import { FileIcon } from '../parts/file-icon.tsx';
import { openInSpace, toggleInSpace, useSpace } from '../stores/space.ts';
import { kindOf } from '../view-models/entry-kind.ts';
import { child, placeKey } from '../view-models/places.ts';
import { inOrder, nodeName, shareOf } from '../view-models/space-map.ts';
import { bytes, dateAndTime } from '../view-models/words.ts';
import { showAmongFiles, useReachable } from './among-files.ts';

/** Tables of the page Space. */

interface ColumnsProps {
  readonly columns: readonly string[];
  /** For those who hear the table. */
  readonly caption: string;
  readonly className?: string;
  readonly children: ReactNode;
}

function Table({ columns, caption, className = '', children }: ColumnsProps): ReactNode {
  return (
    <table className={`space-table ${className}`}>
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

/** A part of a whole, as a bar and a number. */
function Share({
  part,
  whole,
  kind = 'folder',
}: {
  readonly part: number;
  readonly whole: number;
  readonly kind?: string;
}): ReactNode {
  const share = shareOf(part, whole);
  return (
    <span className="share">
      <span className="share-bar" data-kind={kind} aria-hidden style={{ '--share': share } as CSSProperties} />
      <span className="number">{percentage(Math.round(share * 100))}</span>
    </span>
  );
}

/** What the map of a folder shows, as a table. */
export function SpaceTable({ place, tree }: { readonly place: PhonePlace; readonly tree: SpaceNode }): ReactNode {
  const { folder } = windowWords;
  const words = windowWords.space;
  return (
    <Table
      caption={words.folders}
      className="of-folder"
      columns={[folder.column.name, words.share, words.files, folder.column.size]}
    >
      {inOrder(tree.children).map((node) => {
        const name = nodeName(node);
        const here = child(place, node.name);
        return (
          <tr key={`${node.name}\n${node.folded}`}>
            <th scope="row">
              <span className="space-name">
                {node.folded > 0 ? <span className="no-box" /> : <Choose place={here} name={name} size={node.bytes} />}
                <FileIcon
                  kind={node.folded > 0 ? 'file' : kindOf({ name, kind: node.kind === 'folder' ? 'folder' : 'file' })}
                />
                {node.kind === 'folder' && node.folded === 0 ? (
                  <button
                    type="button"
                    className="ends space-open"
                    dir="auto"
                    title={name}
                    onClick={() => openInSpace(here)}
                  >
                    {name}
                  </button>
                ) : (
                  <span className={node.folded > 0 ? 'ends quiet' : 'ends'} dir="auto" title={name}>
                    {name}
                  </span>
                )}
              </span>
            </th>
            <td>
              <Share
                part={node.bytes}
                whole={tree.bytes}
                kind={node.folded > 0 ? 'other' : node.kind === 'folder' ? 'photo' : node.kind}
              />
            </td>
            <td className="number">{number(node.files)}</td>
            <td className="number">{bytes(node.bytes)}</td>
          </tr>
        );
      })}
    </Table>
  );
}

interface ChooseProps {
  readonly place: PhonePlace;
  readonly name: string;
  /** Bytes, with all in it. */
  readonly size: number;
}

/** Chooses an entry of a table; nothing is ever chosen for a person. */
function Choose({ place, name, size }: ChooseProps): ReactNode {
  const chosen = useSpace((state) => state.chosen.has(placeKey(place)));
  return (
    <input
      type="checkbox"
      aria-label={windowWords.space.choose({ name })}
      checked={chosen}
      onChange={() => toggleInSpace({ place, size })}
    />
  );
}

/** A file with its folder, which can be chosen, and shown among the files. */
export function FileCell({ file }: { readonly file: FoundEntry }): ReactNode {
  const ready = useReachable(file.place);
  const folder = parentOf(file.place.path);
  return (
    <span className="space-name">
      <Choose place={file.place} name={file.name} size={file.size} />
      <FileIcon kind={kindOf(file)} />
      <span className="space-file">
        <span className="ends" dir="auto" title={file.name}>
          {file.name}
        </span>
        <span className="ends quiet" dir="auto" title={folder}>
          {folder === '/' ? '/' : folder.slice(1).split('/').join(' › ')}
        </span>
      </span>
      <IconButton
        label={windowWords.find.showInFolder}
        icon={FolderSearch}
        size="small"
        disabled={!ready}
        onClick={() => showAmongFiles(file.place, file.name)}
      />
    </span>
  );
}

interface SummaryProps {
  readonly summary: SpaceSummary | undefined;
}

/** The largest files of the storage. */
export function LargestTab({ summary }: SummaryProps): ReactNode {
  const { folder, space } = windowWords;
  if (summary === undefined) return null;
  if (summary.largest.length === 0) return <p className="space-none">{space.noFiles}</p>;
  return (
    <Table
      caption={space.largest}
      className="of-files"
      columns={[folder.column.name, folder.column.modified, folder.column.size]}
    >
      {summary.largest.map((file) => (
        <tr key={placeKey(file.place)}>
          <th scope="row">
            <FileCell file={file} />
          </th>
          <td className="quiet">{dateAndTime(file.modified)}</td>
          <td className="number">{bytes(file.size)}</td>
        </tr>
      ))}
    </Table>
  );
}

const sumOf = (list: readonly { readonly bytes: number }[]): number => list.reduce((sum, one) => sum + one.bytes, 0);

/** The kinds side by side, with what each colour means. */
export function KindBar({ summary }: { readonly summary: SpaceSummary }): ReactNode {
  const all = sumOf(summary.kinds);
  return (
    <>
      <div className="kind-bar" aria-hidden>
        {summary.kinds.map(({ kind, bytes: size }) => (
          <span key={kind} data-kind={kind} style={{ '--share': shareOf(size, all) } as CSSProperties} />
        ))}
      </div>
      <ul className="kind-legend">
        {summary.kinds.map(({ kind, bytes: size }) => (
          <li key={kind}>
            <span className="swatch" data-kind={kind} aria-hidden />
            <span>{windowWords.space.kind[kind]}</span>
            <span className="quiet number">{bytes(size)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How much there is of each kind. */
export function KindsTab({ summary }: SummaryProps): ReactNode {
  const { folder, space } = windowWords;
  if (summary === undefined) return null;
  const all = sumOf(summary.kinds);
  return (
    <Table
      caption={space.kinds}
      className="of-sums"
      columns={[folder.column.kind, space.share, space.files, folder.column.size]}
    >
      {summary.kinds.map((one) => (
        <tr key={one.kind}>
          <th scope="row">{space.kind[one.kind]}</th>
          <td>
            <Share part={one.bytes} whole={all} kind={one.kind} />
          </td>
          <td className="number">{number(one.files)}</td>
          <td className="number">{bytes(one.bytes)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** How much there is of each year. */
export function AgesTab({ summary }: SummaryProps): ReactNode {
  const { folder, space } = windowWords;
  if (summary === undefined) return null;
  const all = sumOf(summary.ages);
  return (
    <Table caption={space.ages} className="of-sums" columns={[space.age, space.share, space.files, folder.column.size]}>
      {summary.ages.map((one) => (
        <tr key={one.year ?? 0}>
          <th scope="row">
            {one.year === undefined ? space.undated : date(Date.UTC(one.year, 6, 1), { year: 'numeric' })}
          </th>
          <td>
            <Share part={one.bytes} whole={all} kind="photo" />
          </td>
          <td className="number">{number(one.files)}</td>
          <td className="number">{bytes(one.bytes)}</td>
        </tr>
      ))}
    </Table>
  );
}
