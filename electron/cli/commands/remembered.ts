import path from 'node:path';
import type { Freshness } from '../../../shared/catalogue.ts';
import { foldName, type DeviceKey, type PhonePlace } from '../../../shared/domain.ts';
import { fail, failRequest } from '../../../shared/errors.ts';
import { formatBytes } from '../../../shared/format.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';
import { spaceOf, summaryOf, type Catalogue, type OpenCatalogue } from '../../catalogue/index.ts';
import type { Replug } from '../../compose.ts';
import type { CommandOf } from '../arguments.ts';
import { isMeant, readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { storageCalled, type TypedPath } from '../phone-path.ts';
import { dateText, printable, table } from '../text.ts';

/** `replug find`, `du` and `top`: what is remembered of phones, also of those that are away. */

type Remembered = Pick<Replug, 'catalogue' | 'searches'>;

/** Milliseconds between two looks at how far a scan is. */
const LOOK_MS = 50;

/**
 * Runs `body` with the catalogues. A phone that is here and of which not everything is known yet is scanned first; with
 * `refresh` every one is. While a window has the database, what it has learnt is read.
 */
async function withCatalogue(
  context: CommandContext,
  refresh: boolean,
  body: (remembered: Remembered) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { defaultDatabase, isDatabaseOpen, readCatalogues } = await import('../../compose.ts');
  const db = path.resolve(context.globals.db ?? defaultDatabase());
  if (await isDatabaseOpen(db)) {
    const remembered = await readCatalogues(db);
    try {
      return remembered.isOff ? sayOff(context) : await body(remembered);
    } finally {
      await remembered.close();
    }
  }
  return withReplug(context, { phones: true }, async (replug) => {
    replug.catalogue.start();
    if (!replug.engine.settings.catalogue) return sayOff(context);
    if (replug.engine.devices.some(({ state }) => state.kind !== 'gone'))
      for (const key of await readyOnes(context, replug, refresh))
        await scanned(context, replug.catalogue, key, refresh);
    return body(replug);
  });
}

/**
 * The phones that are meant and can be asked now. What is remembered is told without a phone that is locked, say, unless it
 * was to be looked at again; then, and of a phone that nobody has seen yet, this rejects with why it is not ready.
 */
async function readyOnes(context: CommandContext, replug: Replug, refresh: boolean): Promise<readonly DeviceKey[]> {
  const isKnown = !refresh && meant(context, replug).length > 0;
  try {
    return [(await readyDevice(isKnown ? { ...context, waitMs: 0 } : context, replug)).key];
  } catch (error) {
    const ready = replug.engine.devices.filter(
      (device) => device.state.kind === 'ready' && isMeant(device, context.globals.phone),
    );
    if (isKnown || ready.length > 1) return ready.map(({ key }) => key);
    throw error;
  }
}

/** A person has switched it off: that nothing is remembered is no wonder, and plugging in a phone changes nothing. */
function sayOff({ output }: CommandContext): ExitStatus {
  output.say(terminalWords.say.memoryOff);
  output.result(Exit.failed, { found: 0 });
  return Exit.failed;
}

/** Waits until the phone has been listed whole once, or again, or the person has waited enough. */
async function scanned(
  { interruption }: CommandContext,
  catalogue: Catalogue,
  device: DeviceKey,
  refresh: boolean,
): Promise<void> {
  interruption.hold();
  while (!interruption.signal.aborted) {
    const open = catalogue.of(device);
    // a phone that nothing identifies is not remembered, and one that went is told as it was
    if (open?.keeper === undefined || open.keeper.activity === 'away') return;
    const { unlisted, old, oldest } = open.store.totals();
    const isWhole = oldest !== undefined && unlisted === 0;
    if (open.keeper.activity === 'idle' || (isWhole && (!refresh || old === 0))) return;
    await catalogue.clock.sleep(LOOK_MS, interruption.signal);
  }
}

/** The phones that are meant: all, or those whose name begins as `--phone` says or that have its serial number. */
function meant({ globals }: CommandContext, { catalogue }: Remembered): readonly OpenCatalogue[] {
  const wanted = globals.phone;
  const found = catalogue.all().filter(({ device, store }) => {
    if (wanted === undefined) return true;
    return device.endsWith(`#${wanted}`) || foldName(store.phone.name).startsWith(foldName(wanted));
  });
  return found;
}

/** The one phone that is meant: the one that is here, of several. */
function theOne(context: CommandContext, remembered: Remembered): OpenCatalogue {
  const found = meant(context, remembered);
  const here = found.filter(({ keeper }) => keeper !== undefined && keeper.activity !== 'away');
  const one = here.length === 1 ? here[0] : found.length === 1 ? found[0] : undefined;
  if (one !== undefined) return one;
  const names = found.map(({ store }) => store.phone.name).join(', ');
  const advice = found.length > 1 ? ({ id: 'say-phone', with: { serials: names } } as const) : undefined;
  if (here.length > 1) throw failRequest('catalogue', { id: 'several-phones', with: { count: here.length } }, advice);
  throw fail('no-phone', 'catalogue', `${found.length} phones`, { subject: context.globals.phone, advice });
}

/** As of when it is true, and what is left out. `told`: the phones it is told of. */
function sayFreshness({ output }: CommandContext, { asOf, complete }: Freshness, told: readonly OpenCatalogue[]): void {
  const words = terminalWords.say;
  if (asOf === undefined) {
    output.say(words.nothingRemembered);
    return;
  }
  output.say(words.asOf({ when: dateText(asOf) }));
  if (complete) return;
  const left = told.map(({ store, keeper }) => ({
    count: store.totals().unlisted,
    ended: keeper?.activity === 'idle',
  }));
  const isAtEnd = left.every(({ count, ended }) => count === 0 || ended);
  const count = left.reduce((all, one) => all + one.count, 0);
  // of a scan that has come to its end nothing more comes
  output.say(isAtEnd && count > 0 ? words.leftOut({ count }) : words.notWhole);
}

/** A phone's name and the storage before a path, where it takes them to tell places apart. */
function shownPlace(remembered: Remembered, { device, storage, path: at }: PhonePlace): string {
  const all = remembered.catalogue.all();
  const store = all.find((one) => one.device === device)?.store;
  const storages = store?.storages() ?? [];
  const name = storages.find(({ key }) => key === storage)?.name ?? '';
  const phone = all.length > 1 ? `${store?.phone.name ?? device} ` : '';
  return printable(`${phone}${storages.length > 1 ? `${name}:` : ''}${at}`);
}

/** `replug find WORDS…`. */
export async function find(context: CommandContext, { query, refresh }: CommandOf<'find'>): Promise<ExitStatus> {
  const { output, globals } = context;
  return withCatalogue(context, refresh, async (remembered) => {
    const only = globals.phone === undefined ? undefined : theOne(context, remembered).device;
    const { results, total, asOf, complete, stale } = await remembered.searches.find(query, only, 'best');
    for (const { name, kind, size, modified, place } of results)
      output.event('entry', { name, kind, size, modified, ...place });
    output.say(
      table(
        results.map(({ kind, size, modified, place }) => [
          kind === 'folder' ? '' : formatBytes(size),
          dateText(modified),
          shownPlace(remembered, place) + (kind === 'folder' ? '/' : ''),
        ]),
        [0],
      ),
    );
    const told = remembered.catalogue.all().filter(({ device }) => only === undefined || device === only);
    sayFreshness(context, { asOf, complete, stale }, told);
    output.result(Exit.done, { found: total, asOf, complete, stale });
    return Exit.done;
  });
}

function placeIn({ device, store }: OpenCatalogue, typed: TypedPath): PhonePlace {
  const storages = store.storages();
  const found = typed.storage === undefined ? storages[0] : storageCalled(storages, typed.storage, store.phone.name);
  if (found === undefined) throw fail('missing', 'catalogue', 'no such storage', { subject: typed.text });
  return { device, storage: found.key, path: typed.path };
}

/** More entries than anybody reads; the rest is told in one line. */
const MOST = 5_000;

/** `replug du [PATH]`. */
export async function du(context: CommandContext, { path: typed, refresh }: CommandOf<'du'>): Promise<ExitStatus> {
  const { output } = context;
  return withCatalogue(context, refresh, async (remembered) => {
    const one = theOne(context, remembered);
    const place = placeIn(one, typed);
    const { tree, asOf, complete, stale } = await spaceOf(remembered.catalogue, place, 1, MOST);
    for (const { name, kind, bytes, files, folded } of tree.children)
      output.event('entry', { name, kind, bytes, files, folded });
    output.say(
      table(
        [...tree.children, { ...tree, name: '', folded: 0 }].map(({ name, kind, bytes, folded }) => [
          formatBytes(bytes),
          folded > 0
            ? `… ${folded}`
            : name === ''
              ? printable(typed.text)
              : printable(name) + (kind === 'folder' ? '/' : ''),
        ]),
        [0],
      ),
    );
    sayFreshness(context, { asOf, complete, stale }, [one]);
    output.result(Exit.done, { path: place.path, bytes: tree.bytes, files: tree.files, asOf, complete, stale });
    return Exit.done;
  });
}

/** `replug top`. */
export async function top(context: CommandContext, { refresh }: CommandOf<'top'>): Promise<ExitStatus> {
  const { output } = context;
  return withCatalogue(context, refresh, async (remembered) => {
    const one = theOne(context, remembered);
    const { largest, kinds, asOf, complete, stale } = await summaryOf(remembered.catalogue, one.device, undefined);
    for (const { name, kind, size, modified, place } of largest)
      output.event('entry', { name, kind, size, modified, ...place });
    output.say(
      table(
        largest.map(({ size, modified, place }) => [
          formatBytes(size),
          dateText(modified),
          shownPlace(remembered, place),
        ]),
        [0],
      ),
    );
    sayFreshness(context, { asOf, complete, stale }, [one]);
    output.result(Exit.done, { kinds, asOf, complete, stale });
    return Exit.done;
  });
}
