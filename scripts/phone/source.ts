import type { PhoneReport } from '../../shared/phone-report.ts';
import { phoneIn, profileOf } from './profile.ts';

/** The files that a reported phone becomes: a profile, and a test that runs transfers with it. */

/** A name for files, profiles and tests: small letters, digits, hyphens. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u;
const LONGEST_NAME = 60;

/** Files by name, as they are written to `tests/phones`. Throws for a report or name that cannot be used. */
export function filesOf(report: PhoneReport, name: string, number?: number): ReadonlyMap<string, string> {
  if (!NAME.test(name) || name.length > LONGEST_NAME)
    throw new TypeError('The name must be small letters, digits and single hyphens, such as google-pixel-8.');
  const phone = phoneIn(report, number);
  const { found, can } = phone;
  return new Map([
    [
      `${name}.profile.ts`,
      `import type { ReportedProfile } from './reported.ts';

/** Made by \`npm run phone\` from a report of ${report.made}; what it does not tell is of the most similar built-in profile. */
export const PHONE: ReportedProfile = ${literal({ profile: profileOf(phone, name), can, found, quirks: phone.quirks })};
`,
    ],
    [
      `${name}.test.ts`,
      `import { PHONE } from './${name}.profile.ts';
import { behavesAsReported } from './reported.ts';

behavesAsReported(PHONE);
`,
    ],
  ]);
}

/** A value of plain data as TypeScript. What a stranger wrote stays inside of its quotes. */
function literal(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) {
    const all = value.map((one) => literal(one, inner));
    return `[${all.join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, one]) => `${inner}${key}: ${literal(one, inner)},`);
    return fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n${indent}}`;
  }
  if (typeof value === 'number' && value > 255) return `0x${value.toString(16).padStart(4, '0')}`;
  return JSON.stringify(value);
}
