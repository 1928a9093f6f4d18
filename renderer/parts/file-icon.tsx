import {
  Contact,
  File,
  FileArchive,
  FileText,
  Film,
  Image,
  Music,
  Package,
  ScrollText,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { EntryKind } from '../view-models/entry-kind.ts';

const ICONS: Readonly<Record<Exclude<EntryKind, 'folder'>, LucideIcon>> = {
  image: Image,
  video: Film,
  audio: Music,
  document: FileText,
  text: ScrollText,
  archive: FileArchive,
  app: Package,
  contact: Contact,
  file: File,
};

/** Icon for a kind of file. Folders are filled so that they stand out. */
export function FileIcon({ kind, size = 16 }: { readonly kind: EntryKind; readonly size?: number }): ReactNode {
  if (kind === 'folder')
    return (
      <svg width={size} height={size} viewBox="0 0 16 16" fill="var(--folder)" aria-hidden>
        <path
          d="M1.5 4.25c0-.97.78-1.75 1.75-1.75h2.6c.46 0 .9.18 1.23.51l.9.9c.1.1.22.15.36.15h4.41c.97 0 1.75.78 1.75 1.75v5.94c0 .97-.78 1.75-1.75 1.75h-9.5c-.97 0-1.75-.78-1.75-1.75z"
          opacity=".55"
        />
        <path d="M1.5 6.6h13v5.15c0 .97-.78 1.75-1.75 1.75h-9.5c-.97 0-1.75-.78-1.75-1.75z" />
      </svg>
    );
  const Icon = ICONS[kind];
  return <Icon size={size} strokeWidth={size > 24 ? 1.25 : 1.6} color="var(--icon)" aria-hidden />;
}
