import { originalWords } from '../../../shared/transfer-summary.ts';
import { describeProblem } from '../../../shared/errors.ts';
import type { Outcome, Remark, ReportLine } from '../../../shared/snapshots.ts';
import type { ItemRow, TransferStore } from '../model/transfer-store.ts';
import type { TransferId } from '../../../shared/domain.ts';

const REMARKS: Readonly<Record<Remark, string>> = {
  'date-not-kept': 'its date could not be kept',
  'whole-only': 'fetched in one piece, which could not have been resumed: the phone cannot read it in parts',
};

const ROWS_AT_ONCE = 1_000;

/** What became of each file of a transfer. */
function reportLine(row: ItemRow): ReportLine {
  const base = { name: row.name, kind: row.kind, size: row.size, sha256: row.sha256 };
  const { state } = row;
  switch (state.kind) {
    case 'done':
      return { ...base, ...outcomeLine(state.outcome, row.savedAs) };
    case 'failed': {
      const { what, remedy } = describeProblem(state.problem);
      return { ...base, result: 'failed', detail: `${what} ${remedy}`, verified: undefined };
    }
    case 'cancelled':
      return { ...base, result: 'cancelled', detail: '', verified: undefined };
    default:
      return { ...base, result: 'unfinished', detail: state.kind, verified: undefined };
  }
}

function outcomeLine(
  outcome: Outcome,
  savedAs: string | undefined,
): Pick<ReportLine, 'result' | 'detail' | 'verified'> {
  switch (outcome.kind) {
    case 'moved':
      return {
        result: 'moved',
        detail: [
          savedAs === undefined ? '' : `saved as ${savedAs}`,
          ...(outcome.remarks ?? []).map((remark) => REMARKS[remark]),
          originalWords(outcome.original),
        ]
          .filter((text) => text !== '')
          .join('; '),
        verified: outcome.verification.level,
      };
    case 'already-there':
      return { result: 'already-there', detail: 'already there and the same', verified: undefined };
    case 'skipped':
      return { result: 'skipped', detail: outcome.why, verified: undefined };
  }
}

/** All of a transfer, in its order; others have their turn between two batches. */
export async function reportLines(store: TransferStore, id: TransferId): Promise<readonly ReportLine[]> {
  const lines: ReportLine[] = [];
  for (let offset = 0; ; offset += ROWS_AT_ONCE) {
    const { items } = store.items(id, { offset, limit: ROWS_AT_ONCE });
    for (const row of items) lines.push(reportLine(row));
    if (items.length < ROWS_AT_ONCE) return lines;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A value that begins like a formula is quoted as text: a file's name must not run in a spreadsheet. */
const cell = (value: string): string => {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export function reportCsv(lines: readonly ReportLine[]): string {
  const rows = lines.map((line) =>
    [line.name, line.kind, String(line.size), line.result, line.verified ?? '', line.sha256 ?? '', line.detail]
      .map(cell)
      .join(','),
  );
  return `${['name,kind,bytes,result,verified,sha256,detail', ...rows].join('\r\n')}\r\n`;
}
