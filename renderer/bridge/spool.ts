import type { DroppedFile, Reply } from '../../shared/contract.ts';
import type { LocalPath } from '../../shared/domain.ts';
import { requestProblem, type Problem } from '../../shared/errors.ts';
import { hostLost } from './client.ts';

/** Concurrent uploads to the host. With one, small files would each wait for a round trip. */
const AT_ONCE = 4;

/**
 * Uploads files to the host's spool folder, since a browser does not reveal their paths, and returns the paths they
 * have there. A file that cannot be read is reported and skipped; the others continue.
 */
export async function spool(
  token: string,
  files: readonly DroppedFile[],
  onProgress: ((sent: number, total: number) => void) | undefined,
  onProblem: ((problem: Problem) => void) | undefined,
): Promise<Reply<readonly LocalPath[]>> {
  const batch = crypto.randomUUID();
  const total = files.reduce((sum, one) => sum + sizeOf(one), 0);
  const sent = new Array<number>(files.length).fill(0);
  let arrived = 0;
  let next = 0;
  let dead: Problem | undefined;
  const progress = (index: number, bytes: number): void => {
    arrived += bytes - (sent[index] ?? 0);
    sent[index] = bytes;
    onProgress?.(arrived, total);
  };

  const worker = async (): Promise<void> => {
    while (next < files.length && dead === undefined) {
      const index = next++;
      const one = files[index];
      if (one === undefined) return;
      const outcome = await put(token, batch, one, (bytes) => progress(index, bytes));
      switch (outcome.kind) {
        case 'stored':
          progress(index, sizeOf(one));
          break;
        case 'unreadable':
          onProblem?.({
            kind: 'source-unreadable',
            operation: 'drop',
            detail: outcome.detail,
            subject: one.path,
          });
          break;
        case 'left-out':
          onProblem?.({ kind: 'bad-request', operation: 'drop', detail: outcome.detail, subject: one.path });
          break;
        case 'lost':
          dead = hostLost('drop');
          break;
        case 'refused':
          dead = requestProblem('drop', { id: 'spool-refused' }, undefined, { subject: one.path });
          break;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (dead !== undefined) return { ok: false, error: dead };

  try {
    const answer = await fetch(`spool/${batch}/done`, { method: 'POST', headers: { 'x-replug-token': token } });
    if (!answer.ok) return { ok: false, error: { kind: 'internal', operation: 'drop', detail: await answer.text() } };
    const { roots } = (await answer.json()) as { readonly roots: readonly LocalPath[] };
    return { ok: true, value: roots };
  } catch {
    return { ok: false, error: hostLost('drop') };
  }
}

const sizeOf = (one: DroppedFile): number => (one.file instanceof File ? one.file.size : 0);

type PutOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  /** The host refused this file: its name is not allowed, or another file has the same name. */
  | { readonly kind: 'left-out'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'lost' };

/** Uses `XMLHttpRequest` because `fetch` reports no upload progress. A path ending in `/` is an empty folder. */
async function put(
  token: string,
  batch: string,
  one: DroppedFile,
  onBytes: (sent: number) => void,
): Promise<PutOutcome> {
  const file = one.file instanceof File ? one.file : undefined;
  if (file !== undefined && !(await readable(file))) return { kind: 'unreadable', detail: 'unreadable when dropped' };
  const path = file === undefined ? `${one.path}/` : one.path;
  return new Promise((settle) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `spool/${batch}?path=${encodeURIComponent(path)}`);
    request.setRequestHeader('x-replug-token', token);
    if (file !== undefined) request.setRequestHeader('x-replug-modified', String(file.lastModified));
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onload = () => {
      const detail = request.responseText === '' ? request.statusText : request.responseText;
      if (request.status >= 200 && request.status < 300) settle({ kind: 'stored' });
      else settle({ kind: request.status === 400 || request.status === 409 ? 'left-out' : 'refused', detail });
    };
    request.onerror = () => {
      void whatWentWrong(file).then(settle);
    };
    request.send(file ?? null);
  });
}

/** A failed upload raises the same error for three causes, so this checks the file and the host to find out which. */
async function whatWentWrong(file: File | undefined): Promise<PutOutcome> {
  if (file !== undefined && !(await readable(file))) return { kind: 'unreadable', detail: 'unreadable while sent' };
  const there = await fetch('icon.svg', { method: 'HEAD' }).then(
    () => true,
    () => false,
  );
  return there ? { kind: 'refused', detail: 'the host answers, but did not take the file' } : { kind: 'lost' };
}

/** Whether a dropped file is still readable. Reading one byte of a deleted or forbidden file throws. */
async function readable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
