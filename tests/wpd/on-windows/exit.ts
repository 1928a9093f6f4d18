// Runs on Windows' Node: ends the process while a call of the driver's does not come back.
// exit.ts PROGRAM CODE
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Client from '../../../electron/wpd/client.ts';

const [program = '', code = '0'] = process.argv.slice(2);
const file = pathToFileURL(path.join(program, 'electron/wpd/client.ts')).href;
const { WpdClient } = (await import(file)) as typeof Client;

const client = new WpdClient();
const [listed] = await client.ask('list', 'list', {});
const { device = 0 } = await client.ask('open', 'open', { id: listed?.id ?? '', version: '1.2.3' });
const call = client.ask('call', 'call', { device, route: 'raw', call: 'execute', args: [0x1009, [1]] });
call.catch(() => undefined);
// the call is on its way
await new Promise((resolve) => setTimeout(resolve, 500));
console.log('ends');
process.exit(Number(code));
