import { setImmediate as turn } from 'node:timers/promises';
import { contentsChecked, originalWords } from '../../../shared/transfer-summary.ts';
import { describeInEnglish } from '../../../shared/errors.ts';
import type { Outcome, ReportLine } from '../../../shared/snapshots.ts';
import type { ItemRow, TransferStore } from '../model/transfer-store.ts';
import type { TransferId } from '../../../shared/domain.ts';
import { skippedWords } from '../../../shared/skipped-names.ts';
import { commonEnglish } from '../../../shared/words/made/common.ts';

const ROWS_AT_ONCE = 400;

/** What became of each file of a transfer. */
function reportLine(row: ItemRow): ReportLine {
  const base = { name: row.name, kind: row.kind, size: row.size, sha256: row.sha256 };
  const { state } = row;
  switch (state.kind) {
    case 'done':
      return { ...base, ...outcomeLine(state.outcome, row) };
    case 'failed': {
      const { problem } = state;
      const { what, remedy } = describeInEnglish(problem);
      return { ...base, result: 'failed', detail: `${what} ${remedy}`, verified: undefined, problem };
    }
    case 'cancelled':
      return { ...base, result: 'cancelled', detail: '', verified: undefined };
    default:
      return { ...base, result: 'unfinished', detail: state.kind, verified: undefined };
  }
}

function outcomeLine(
  outcome: Outcome,
  { kind, savedAs, size }: Pick<ItemRow, 'kind' | 'savedAs' | 'size'>,
): Omit<ReportLine, 'name' | 'kind' | 'size' | 'sha256' | 'problem'> {
  switch (outcome.kind) {
    case 'moved':
      return {
        result: 'moved',
        detail: [
          savedAs === undefined ? '' : commonEnglish.report.savedAs({ name: savedAs }),
          ...(outcome.remarks ?? []).map((remark) => commonEnglish.report[remark]),
          originalWords(outcome.original, commonEnglish.original, describeInEnglish),
        ]
          .filter((text) => text !== '')
          .join('; '),
        verified: outcome.verification.level,
        ...(kind === 'file' ? { checked: commonEnglish.checked[contentsChecked(outcome.verification, { size })] } : {}),
        savedAs,
        remarks: outcome.remarks,
        original: outcome.original,
      };
    case 'already-there':
      return { result: 'already-there', detail: 'already there, identical', verified: undefined };
    case 'skipped':
      return {
        result: 'skipped',
        detail: skippedWords(outcome.why, commonEnglish.skipped),
        verified: undefined,
        why: outcome.why,
      };
  }
}

/** All of a transfer, in its order; others have their turn between two batches. */
export async function reportLines(store: TransferStore, id: TransferId): Promise<readonly ReportLine[]> {
  const lines: ReportLine[] = [];
  for (let offset = 0; ; offset += ROWS_AT_ONCE) {
    const { items } = store.items(id, { offset, limit: ROWS_AT_ONCE });
    for (const row of items) lines.push(reportLine(row));
    if (items.length < ROWS_AT_ONCE) return lines;
    await turn();
  }
}

/** A value that begins like a formula is quoted as text: a file's name must not run in a spreadsheet. */
const cell = (value: string): string => {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const CSV_HEADER = 'name,kind,bytes,result,verified,sha256,detail';

/** What was checked goes with the details: another column would shift those that people's own tables count on. */
const detailOf = ({ detail, checked }: ReportLine): string =>
  [detail, checked === undefined ? '' : `checked: ${checked}`].filter((text) => text !== '').join('; ');

const csvRows = (lines: readonly ReportLine[]): string =>
  lines
    .map((line) =>
      [line.name, line.kind, String(line.size), line.result, line.verified ?? '', line.sha256 ?? '', detailOf(line)]
        .map(cell)
        .join(','),
    )
    .join('\r\n');

/** The whole report as a file's text, made in pieces: a report of 400,000 lines must not hold up what moves. */
export async function reportText(lines: readonly ReportLine[], format: 'csv' | 'json'): Promise<string> {
  const isJson = format === 'json';
  if (isJson && lines.length === 0) return '[]\n';
  const pieces: string[] = [];
  for (let from = 0; from < lines.length; from += ROWS_AT_ONCE) {
    const some = lines.slice(from, from + ROWS_AT_ONCE);
    // the array's own brackets and the header come once
    pieces.push(isJson ? JSON.stringify(some, undefined, 2).slice(2, -2) : csvRows(some));
    await turn();
  }
  return isJson
    ? `[\n${pieces.join(',\n')}\n]\n`
    : `${CSV_HEADER}\r\n${pieces.map((piece) => `${piece}\r\n`).join('')}`;
}
