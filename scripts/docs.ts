// `npm run docs`: the pages of docs/ as a site, with a search that needs no server, in .cache/site.
import path from 'node:path';
import { ROOT } from './packing/configuration.ts';

const USAGE = `Usage: npm run docs [-- --serve]
  --serve           shows the pages while they are edited
  REPLUG_DOCS_INTO  folder to write to (default: .cache/site)
  REPLUG_DOCS_BASE  the folder of the site on its host, such as /replug/ (default: /)
  REPLUG_HOMEPAGE   the address of the repository, for a link to it`;

/** 0, or 1 if a page cannot be made or links to one that is not there. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.some((one) => one !== '--serve')) {
    console.log(USAGE);
    return args.includes('--help') ? 0 : 2;
  }
  const { build, createServer } = await import('vitepress');
  const folder = path.join(ROOT, 'docs');
  if (args.includes('--serve')) {
    const server = await createServer(folder);
    await server.listen();
    server.printUrls();
    await new Promise((resolve) => server.httpServer?.once('close', resolve));
    return 0;
  }
  try {
    await build(folder);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}
