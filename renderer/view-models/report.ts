import { originalWords, summarizeTransfer, verifiedWords, type KindCounts } from '../../shared/transfer-summary.ts';
import type { ReportLine } from '../../shared/snapshots.ts';
import type { Tone } from './transfers.ts';
import { commas, enumerated } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { describeProblem } from '../../shared/errors.ts';
import { skippedWords } from '../../shared/skipped-names.ts';

/** What became of one item, in words. */
export function resultWords(line: ReportLine): { readonly text: string; readonly tone: Tone } {
  const words = windowWords.transfer.item;
  const why = detailOf(line);
  switch (line.result) {
    case 'moved': {
      if (line.kind === 'folder') return { text: words.created, tone: 'quiet' };
      const copied = line.verified === undefined ? words.copied : words[line.verified];
      return { text: why === '' ? copied : `${copied}: ${why}`, tone: 'good' };
    }
    case 'already-there':
      return { text: line.kind === 'folder' ? words.alreadyThere : words.identical, tone: 'quiet' };
    case 'skipped':
      return { text: why === '' ? words.skipped : words.skippedWhy({ why }), tone: 'quiet' };
    case 'failed':
      return { text: why === '' ? words.failed : words.failedWhy({ why }), tone: 'bad' };
    case 'cancelled':
      return { text: windowWords.transfer.cancelled, tone: 'quiet' };
    case 'unfinished':
      return { text: words.unfinished, tone: 'attention' };
  }
}

/** What there is to say about one item's result, beyond the result itself. */
function detailOf({ problem, why, savedAs, remarks = [], original }: ReportLine): string {
  if (problem !== undefined) {
    const { what, remedy } = describeProblem(problem);
    return `${what} ${remedy}`;
  }
  if (why !== undefined) return skippedWords(why);
  return [
    savedAs === undefined ? '' : commonWords.report.savedAs({ name: savedAs }),
    ...remarks.map((remark) => commonWords.report[remark]),
    originalWords(original),
  ]
    .filter((text) => text !== '')
    .join('; ');
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
  const words = commonWords.result;
  const rest = enumerated([
    [of('already-there', files), words.alreadyThere],
    [of('skipped'), words.skipped],
    [of('failed'), words.failed],
    [of('cancelled'), words.cancelled],
    [of('unfinished'), words.unfinished],
  ]);
  const parts = [summarizeTransfer(byKind('moved'), byKind('already-there')) ?? words.copied({ files: 0 }), ...rest];
  const levels = { size: 0, sampled: 0, full: 0 };
  for (const { result, verified } of files) if (result === 'moved' && verified !== undefined) levels[verified] += 1;
  const compared = levels.sampled + levels.full;
  if (compared === 0) return commas(parts);
  const told = levels.size === 0 ? windowWords.report.verified({ count: compared }) : verifiedWords(levels);
  return `${commas(parts)} · ${told ?? ''}`;
}
