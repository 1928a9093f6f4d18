import { isSampledWhole } from '../engine/index.ts';
import type { Content, ContentAnswers, ContentQuestion } from './diff.ts';
import { isAssumed, isOwnDate, type Copy, type Untouched } from './untouched.ts';
import { unlessLost, type Endpoint } from './endpoint.ts';
import { sourceSide, targetSide, type PairSides } from './sides.ts';
import type { SyncRow } from './sync-store.ts';

/**
 * Samples of bytes say where dates and sizes leave something open, and all bytes decide it: a file may be written to
 * between its samples. Only one that kept its size, date and name in another folder is known by samples alone. Each
 * remembered file is found again at most once.
 */
export async function answerQuestions(
  questions: readonly ContentQuestion[],
  parts: PairSides & { readonly signal: AbortSignal | undefined },
  target: (target: string) => Copy | undefined,
  untouched: Untouched,
): Promise<ContentAnswers> {
  const touched = new Set<string>();
  const adopted = new Map<string, Content>();
  const ours = new Set<string>();
  const renamed = new Map<string, string>();
  const used = new Set<string>();
  const [source, copies] = [sourceSide(parts), targetSide(parts)];
  const prints = new Map<string, Promise<string | undefined>>();
  const print = (side: Endpoint, path: string): Promise<string | undefined> => {
    const key = `${side === parts.local ? 'local' : 'phone'}:${path}`;
    const known = prints.get(key) ?? side.fingerprint(path).catch(unlessLost);
    prints.set(key, known);
    return known;
  };
  const whole = (side: Endpoint, path: string): Promise<string | undefined> => side.digest(path).catch(unlessLost);
  /** The digest of all of it: from the record, else of the copy nobody touched since. */
  const rememberedWhole = async (row: SyncRow): Promise<string | undefined> => {
    if (row.sha256 !== undefined && !isAssumed(row)) return row.sha256;
    const copy = target(row.target);
    return copy === undefined || !untouched(row, copy) ? undefined : whole(copies, row.target);
  };
  /** What the file's bytes were when it was last in step: from the record, else from the copy nobody touched since. */
  const remembered = async (row: SyncRow): Promise<string | undefined> => {
    if (row.fingerprint !== undefined && !isAssumed(row)) return row.fingerprint;
    const copy = target(row.target);
    return copy === undefined || !untouched(row, copy) ? undefined : print(copies, row.target);
  };
  /**
   * Whether a copy holds what is noted of it. On the phone samples will do: all of it is compared right before it goes. They
   * do for what kept its date, too: nobody has written to it since it was found, and they tell whether it was a copy.
   */
  const isOurs = async (row: SyncRow): Promise<boolean> => {
    const { target: at, fingerprint, sha256 } = row;
    const copy = target(at);
    const isDated = copy !== undefined && isOwnDate(row.targetModified, copy.modified);
    if (isDated && fingerprint !== undefined) return fingerprint === (await print(copies, at));
    if (sha256 === undefined) return false;
    if (copies === parts.phone && fingerprint !== undefined) return fingerprint === (await print(copies, at));
    return sha256 === (await whole(copies, at));
  };
  const isRemoved = ({ fingerprint, sha256, target: at }: SyncRow): boolean =>
    fingerprint === undefined && sha256 !== undefined && target(at) === undefined;
  /** What both files hold; `undefined` where they differ, or nobody knows. */
  const sameContent = async (
    question: Exclude<ContentQuestion, { kind: 'untouched' }>,
  ): Promise<Content | undefined> => {
    const { found } = question;
    const isAdoption = question.kind === 'adopt';
    if (question.kind === 'renamed' && isRemoved(question.row))
      // its copy is gone: what is remembered of all of it tells, or nothing does
      return question.row.sha256 === (await whole(source, found.path)) ? { ...question.row } : undefined;
    const fingerprint = await (isAdoption ? print(copies, question.target) : remembered(question.row));
    if (fingerprint === undefined || fingerprint !== (await print(source, found.path))) return undefined;
    const other = isAdoption ? target(question.target) : question.row;
    const isDated = found.modified !== undefined && other?.modified !== undefined;
    const isMoved = question.kind === 'renamed' && nameOf(found.path) === nameOf(question.row.path);
    if (isDated && (isSampledWhole(found.size) || isMoved)) return { fingerprint, sha256: undefined };
    const sha256 = await (isAdoption ? whole(copies, question.target) : rememberedWhole(question.row));
    return sha256 !== undefined && sha256 === (await whole(source, found.path)) ? { fingerprint, sha256 } : undefined;
  };
  for (const question of questions) {
    if (parts.signal?.aborted === true) break;
    if (question.kind === 'untouched') {
      if (await isOurs(question.row)) ours.add(question.row.path);
      continue;
    }
    const { found } = question;
    if (question.kind === 'renamed' && (renamed.has(found.path) || used.has(question.row.path))) continue;
    const content = await sameContent(question);
    if (content === undefined) continue;
    switch (question.kind) {
      case 'touched':
        touched.add(found.path);
        break;
      case 'adopt':
        adopted.set(found.path, content);
        break;
      case 'renamed':
        renamed.set(found.path, question.row.path);
        used.add(question.row.path);
        break;
    }
  }
  return { touched, adopted, untouched: ours, renamed };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
