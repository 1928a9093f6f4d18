// `npm run phone`: a report about a phone becomes a profile of the virtual phone, and a test.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { LONGEST_REPORT, readPhoneReport } from '../shared/phone-report.ts';
import { filesOf } from './phone/source.ts';

const USAGE = `Usage: npm run phone -- REPORT NAME [--number N] [--into DIR]
  REPORT    file that \`replug doctor --report\` wrote
  NAME      of the profile, such as google-pixel-8
  --number  which phone of the report, from 1 (default: the first that could be opened)
  --into    folder to write to (default: tests/phones)`;

/** 0, or 1 for a report that cannot be used or a profile that is there already, or 2 for a wrong command line. */
export async function run(args: readonly string[]): Promise<number> {
  let given;
  try {
    given = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { number: { type: 'string' }, into: { type: 'string' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    console.error(`${messageOf(error)}\n${USAGE}`);
    return 2;
  }
  const { values, positionals } = given;
  const [file, name, ...more] = positionals;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const number = values.number === undefined ? undefined : Number(values.number);
  const isNumber = number === undefined || (Number.isInteger(number) && number >= 1 && number <= 16);
  if (file === undefined || name === undefined || more.length > 0 || !isNumber) {
    console.error(USAGE);
    return 2;
  }
  try {
    if (statSync(file).size > LONGEST_REPORT * 4) throw new TypeError('report must be at most 2 MiB long');
    const report = readPhoneReport(readFileSync(file, 'utf8'));
    const folder = path.resolve(values.into ?? path.join(import.meta.dirname, '../tests/phones'));
    for (const [file, source] of filesOf(report, name, number)) {
      const target = path.join(folder, file);
      const style = await resolveConfig(path.join(import.meta.dirname, 'phone.ts'));
      // a profile that is there stays: somebody may have corrected it
      writeFileSync(target, await format(source, { ...style, parser: 'typescript' }), { flag: 'wx' });
      console.log(path.relative(process.cwd(), target));
    }
    return 0;
  } catch (error) {
    console.error(`${file}: ${messageOf(error)}`);
    return 1;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
