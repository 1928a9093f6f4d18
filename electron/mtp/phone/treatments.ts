/**
 * What every phone is treated to, since nothing it says of itself tells which ones need it; `quirks.ts` holds what is
 * chosen by device. Data: each with its evidence, the place that does it, and the way the virtual phone shows it.
 */
export interface Treatment {
  readonly awkwardness: string;
  readonly remedy: string;
  /** The module that does it. */
  readonly where: string;
  readonly evidence: string;
  /** A quirk, profile or fault of the virtual phone. */
  readonly shownBy: readonly string[];
}

const told = (
  awkwardness: string,
  remedy: string,
  where: string,
  evidence: string,
  ...shownBy: readonly string[]
): Treatment => ({ awkwardness, remedy, where, evidence, shownBy });

export const TREATMENTS: readonly Treatment[] = [
  told(
    'edit operations advertised but refused',
    'not asked again after the first 0x2005',
    'capabilities',
    'Sony, Android 4.4 and 5 (§6)',
    'edit-refused',
  ),
  told(
    'edit operations missing',
    'files go whole and start again after a loss',
    'capabilities',
    'older Samsung, cameras (§3.4)',
    'android-no-edit',
    'camera',
  ),
  told(
    '64-bit sizes in ObjectInfo',
    'read so where the plain layout makes no sense',
    'wire/datasets',
    'early Samsung (§5)',
    'samsung-old',
  ),
  told(
    'split headers',
    'containers are found by accumulation',
    'transaction',
    'Garmin, Zune, cameras (§1.3)',
    'split-header',
  ),
  told(
    'an empty packet missing or too many',
    'ignored where it comes, not waited for',
    'transaction',
    'QEMU, AOSP (§1.3)',
    'no-zlp',
    'extra-zlp',
  ),
  told(
    'the response glued to the data',
    'bytes beyond the length are the next container',
    'transaction',
    'libmtp (§1.3)',
    'glued-response',
  ),
  told(
    'answers of earlier transactions',
    'thrown away by their ids',
    'transaction',
    'replug on Android (§10)',
    'stale-answer',
  ),
  told(
    'OpenSession refused',
    'tried again, 1 and 2 seconds later',
    'session',
    'stuck receivers (§2.4)',
    'open-refused',
  ),
  told(
    'storages empty until unlocked',
    'shown as locked, asked again',
    'engine/devices',
    'Android, Samsung’s prompt (§4.4)',
    'locked',
    'samsung-old',
  ),
  told(
    'the root is 0, or its objects’ parent the storage',
    'all ones first, 0 only after a refusal, and sorted out',
    'listing',
    'Kindle, Switch (§4.1)',
    'root-is-zero',
    'parent-is-storage',
  ),
  told(
    'entries that cannot be described',
    'one is left out, all are an error',
    'listing',
    'Switch (§4.1)',
    'one-undescribable',
    'none-describable',
  ),
  told(
    'property lists that answer for less',
    'compared with the handles before they are believed',
    'listing',
    'uMTP, Android 4 (§4.2)',
    'no-prop-list',
  ),
  told('names padded with NULs', 'cut at the first', 'wire/bytes', 'field reports (§5)', 'nul-padded'),
  told('impossible dates', 'no date', 'wire/dates', 'cameras, blank dates of Samsung (§5)', 'bad-dates'),
  told(
    'sizes doubled',
    'fetched whole where chunks fail, when both agree on the end',
    'engine/download-whole',
    'Android 12 transcoding (§3.5)',
    'doubled-sizes',
  ),
  told(
    'reads that bring less, or nothing',
    'continued; nothing is an error',
    'reading',
    'field notes §3.5',
    'short-reads',
    'zero-reads',
  ),
  told(
    'a short packet taken for the end, with OK',
    'every size is compared after an upload',
    'engine/upload',
    'f_mtp (§1.4)',
    'legacy-kernel',
  ),
  told(
    'both endpoints stall on a full disk',
    'status asked with 32 bytes, halts cleared, free space asked',
    'recovery',
    'AOSP (§2.2)',
    'full',
  ),
  told(
    'class requests never answered, or deadly to an idle phone',
    'none is needed; Cancel only inside a data phase',
    'recovery',
    'MediaTek, AOSP (§2.2)',
    'compat',
  ),
  told('events in floods', 'always read, taken as hints', 'events', 'AOSP’s threads (§4.3)', 'event-flood'),
  told('silence', 'a limit for each kind of operation, then the ladder', 'limits', 'Pixel (§2.4)', 'silence'),
  told(
    'the cable pulled at any byte',
    'chunks that were confirmed count, the rest goes again',
    'engine/lane',
    'everybody',
    'unplug-in',
    'unplug-after',
  ),
];
