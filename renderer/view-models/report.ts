import { summarizeTransfer, verifiedWords, type KindCounts } from '../../shared/transfer-summary.ts';
import type { ReportLine } from '../../shared/snapshots.ts';
import type { Tone } from './transfers.ts';
import { counted, number } from './words.ts';

const CHECKED: Readonly<Record<NonNullable<ReportLine['verified']>, string>> = {
  size: 'size checked',
  sampled: 'verified by samples',
  full: 'verified byte by byte',
};

/** What became of one item, in words. */
export function resultWords(line: ReportLine): { readonly text: string; readonly tone: Tone } {
  const detail = line.detail === '' ? '' : `: ${line.detail}`;
  switch (line.result) {
    case 'moved':
      if (line.kind === 'folder') return { text: 'Made', tone: 'quiet' };
      return {
        text: `Copied${line.verified === undefined ? '' : `, ${CHECKED[line.verified]}`}${detail}`,
        tone: 'good',
      };
    case 'already-there':
      return { text: line.kind === 'folder' ? 'Already there' : 'Already there, the same', tone: 'quiet' };
    case 'skipped':
      return { text: `Skipped${detail}`, tone: 'quiet' };
    case 'failed':
      return { text: `Failed${detail}`, tone: 'bad' };
    case 'cancelled':
      return { text: 'Cancelled', tone: 'quiet' };
    case 'unfinished':
      return { text: 'Not finished', tone: 'attention' };
  }
}

/**
 * `1,203 files in 12 folders copied, 4 skipped, 1 failed · 1,200 verified`; where only sizes of some were compared, how
 * many were looked into.
 */
export function tally(lines: readonly ReportLine[]): string {
  const files = lines.filter((line) => line.kind === 'file');
  const of = (result: ReportLine['result'], among = lines): number =>
    among.filter((line) => line.result === result).length;
  const byKind = (result: ReportLine['result']): KindCounts => {
    const ofFiles = of(result, files);
    return { files: ofFiles, folders: of(result) - ofFiles };
  };
  const parts = [
    summarizeTransfer(byKind('moved'), byKind('already-there'), counted) ?? `${counted(0, 'file')} copied`,
  ];
  const rest: readonly (readonly [number, string])[] = [
    [of('already-there', files), 'already there'],
    [of('skipped'), 'skipped'],
    [of('failed'), 'failed'],
    [of('cancelled'), 'cancelled'],
    [of('unfinished'), 'not finished'],
  ];
  for (const [amount, what] of rest) if (amount > 0) parts.push(`${number(amount)} ${what}`);
  const levels = { size: 0, sampled: 0, full: 0 };
  for (const { result, verified } of files) if (result === 'moved' && verified !== undefined) levels[verified] += 1;
  const compared = levels.sampled + levels.full;
  if (compared === 0) return parts.join(', ');
  const told = levels.size === 0 ? `${number(compared)} verified` : verifiedWords(levels, number, counted);
  return `${parts.join(', ')} · ${told ?? ''}`;
}
