import { create } from 'zustand';
import type { CatalogueSnapshot, PhoneCatalogue } from '../../shared/catalogue.ts';
import type { DeviceKey } from '../../shared/domain.ts';
import { bridge } from '../bridge/current.ts';

/** What is remembered of which phone, the phones that are away too. */
export const useCatalogue = create<CatalogueSnapshot>()(() => ({ enabled: false, phones: [], revision: 0 }));

/** Subscribes to the catalogues; called once, when the window starts. A host without any refuses, which is no message. */
export function startCatalogue(): void {
  bridge.subscribe('catalogue', undefined, ({ snapshot }) => useCatalogue.setState(snapshot));
}

/** The catalogue of one phone, if there is one. */
export const useCatalogueOf = (device: DeviceKey | undefined): PhoneCatalogue | undefined =>
  useCatalogue((state) => state.phones.find((one) => one.device === device));
