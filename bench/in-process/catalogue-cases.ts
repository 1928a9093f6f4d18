import { join } from 'node:path';
import { Catalogue, Searches } from '../../electron/catalogue/index.ts';
import { openCatalogueShelf } from '../../electron/store/index.ts';
import { volume } from '../../electron/virtual/index.ts';
import { World } from '../../tests/worlds/world.ts';
import { timed, type Measured, type Scale } from './cases.ts';

/** Words, conditions and both, as somebody types them. */
const QUERIES = [
  'i',
  'im',
  'img',
  'img 7',
  'ete',
  'summer jpg',
  'kind:video',
  'size>9MB',
  'report pdf',
  'in:f3 musica',
];

/** A phone without a file on any disk, scanned and searched: the scan’s transactions, and the slowest searches. */
export async function* catalogue(scale: Scale): AsyncGenerator<Measured> {
  const files = scale.items * 3;
  const world = new World();
  world.phone.plant(volume('Volume', files));
  const folder = join(world.folder, 'catalogue');
  const times = { startMs: 0, quietMs: 50 };
  const kept = new Catalogue({ engine: world.engine, shelf: await openCatalogueShelf(folder), times });
  const searches = new Searches(kept);
  kept.start();
  const device = await world.start();
  const { folders } = await scanned();
  async function scanned(): Promise<{ readonly folders: number }> {
    for (;;) {
      const open = kept.of(device);
      const totals = open?.store.totals();
      if (open?.keeper?.activity === 'idle' && totals?.unlisted === 0) return { folders: totals.folders };
      await kept.clock.sleep(20);
    }
  }
  kept.rescan(device);
  yield await timed(
    `catalogue: scan, ${files.toLocaleString('en')} files in ${folders.toLocaleString('en')} folders`,
    async () => {
      await kept.clock.sleep(100);
      await scanned();
    },
    { count: files, unit: 'entries' },
    () => world.engine.transactions(device),
  );
  yield await timed('catalogue: names into memory, for the first search', () => first('x'), {
    count: files,
    unit: 'entries',
  });
  const seconds: number[] = [];
  const search = await timed('catalogue: search', async () => {
    for (const query of QUERIES) {
      const started = performance.now();
      await first(query);
      seconds.push((performance.now() - started) / 1000);
    }
  });
  /** Until the first page is there. */
  function first(text: string): Promise<void> {
    return new Promise((resolve) => {
      const ending = new AbortController();
      const end = searches.watch({ text, device, offset: 0, limit: 200 }, (snapshot) => {
        if (snapshot.state !== 'complete' && snapshot.results.length === 0) return;
        resolve();
        ending.abort();
      });
      ending.signal.addEventListener('abort', end, { once: true });
      if (ending.signal.aborted) end();
    });
  }
  seconds.sort((one, other) => one - other);
  yield {
    ...search,
    name: 'catalogue: first page of a search, 95th percentile',
    seconds: seconds[Math.ceil(seconds.length * 0.95) - 1] ?? 0,
  };
  searches.stop();
  await kept.stop();
  await world.end();
}
