/** The systems Replug is packaged for. */
export type System = 'linux' | 'mac' | 'win';
export type Arch = 'x64' | 'arm64';

export interface Target {
  readonly system: System;
  readonly arch: Arch;
}

export const TARGETS: readonly Target[] = (['linux', 'mac', 'win'] as const).flatMap((system) =>
  (['x64', 'arm64'] as const).map((arch) => ({ system, arch })),
);

export const nameOf = ({ system, arch }: Target): string => `${system}-${arch}`;

/** The addons' own names for a target: every one it needs, and no others. */
export function addonsOf({ system, arch }: Target): readonly string[] {
  switch (system) {
    case 'linux':
      return [
        `node_modules/better-sqlite3/prebuilds/linux-${arch}.node`,
        `node_modules/usb/prebuilds/linux-${arch}/node.napi.${arch === 'x64' ? 'glibc' : 'armv8'}.node`,
      ];
    case 'mac':
      return [
        `node_modules/better-sqlite3/prebuilds/darwin-${arch}.node`,
        'node_modules/usb/prebuilds/darwin-x64+arm64/node.napi.node',
      ];
    case 'win':
      return [
        `node_modules/better-sqlite3/prebuilds/win32-${arch}.node`,
        // libusb cannot open phones on Windows (electron/wpd does)
        `node_modules/@koromix/koffi-win32-${arch}/win32_${arch}/koffi.node`,
      ];
  }
}
