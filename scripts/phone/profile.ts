import type { PhoneReport, ReportedPhone } from '../../shared/phone-report.ts';
import { PROFILES, PROFILE_NAMES, type Profile } from '../../electron/virtual/profiles.ts';

/** A report about a phone as a profile of the virtual phone. */

/** The number in front of a code's name. */
const numberOf = (code: string): number => Number.parseInt(code.slice(2, 6), 16);
const numbersOf = (codes: readonly string[]): readonly number[] => codes.map(numberOf);

/** A phone that could be opened. */
export type OpenedPhone = ReportedPhone & { readonly info: NonNullable<ReportedPhone['info']> };

/** The reported phone with that number, from 1; else the first that could be opened. Throws where there is none. */
export function phoneIn({ phones }: PhoneReport, number?: number): OpenedPhone {
  const phone = number === undefined ? phones.find(({ info }) => info !== undefined) : phones[number - 1];
  if (phone === undefined)
    throw new TypeError(phones.length === 0 ? 'The report has no phone.' : 'No phone of the report could be opened.');
  const { info } = phone;
  if (info === undefined) throw new TypeError('This phone could not be opened, so nothing is known of what it offers.');
  return { ...phone, info };
}

/**
 * What the report tells is the phone's own; what no report can tell (its USB stack, how it answers what it does not know) is
 * taken from the built-in profile that offers the most similar operations.
 */
export function profileOf(phone: OpenedPhone, name: string): Profile {
  const { usb, info, storages, found } = phone;
  const operations = numbersOf(info.operations);
  const base = nearest(operations, numberOf(usb.vendor), info.vendorExtensions);
  return {
    ...base,
    name,
    vendorId: numberOf(usb.vendor),
    productId: numberOf(usb.product),
    vendorExtensions: info.vendorExtensions,
    deviceVersion: info.deviceVersion,
    operations,
    events: numbersOf(info.events),
    deviceProps: numbersOf(info.deviceProperties),
    badDates: found !== undefined && found.files > 0 ? found.dated === 0 : base.badDates,
    secondStorage: base.secondStorage || storages.length > 1,
  };
}

function nearest(operations: readonly number[], vendorId: number, vendorExtensions: string): Profile {
  const wanted = new Set(operations);
  const scored = PROFILE_NAMES.map((name) => {
    const profile = PROFILES[name];
    const both = profile.operations.filter((operation) => wanted.has(operation)).length;
    const likeness = both / (profile.operations.length + wanted.size - both || 1);
    const ties = (profile.vendorId === vendorId ? 2 : 0) + (profile.vendorExtensions === vendorExtensions ? 1 : 0);
    return { profile, score: likeness + ties / 1000 };
  });
  const [best] = scored.sort((one, other) => other.score - one.score);
  return best?.profile ?? PROFILES.android;
}
