/**
 * Phones through Windows' own driver: `Transport` and `DeviceBus` over the portable-device service (WPD), which lets a
 * program send MTP operations beside the Explorer. No driver of ours, no administrator.
 *
 * May import: `electron/mtp` (ports and wire only), `shared`, `node:*` and `koffi`, which it loads in a thread of its
 * own: COM's calls block.
 *
 * Invariant: an operation is confirmed by the phone's response and by nothing before. What the driver was not seen to let
 * through is not promised (`probe.ts`). Everything COM gives out is freed once.
 *
 * Begin reading with `bus.ts` (finding and opening phones), then `transport.ts` (bytes of containers ⇄ calls of the
 * driver) and `commands.ts` (one MTP operation through `SendCommand`). `keys.ts` has the numbers.
 */
export { WpdBus } from './bus.ts';
