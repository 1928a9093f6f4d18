import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const RAW_PRODUCT = 0x0101;

const GADGET = '/sys/kernel/config/usb_gadget/raw';

/** A gadget in the kernel that answers reads with zeros and discards writes, so that only the bus takes time. */
export async function createSourceSink(): Promise<void> {
  await mkdir(`${GADGET}/strings/0x409`, { recursive: true });
  await mkdir(`${GADGET}/functions/SourceSink.0`, { recursive: true });
  await mkdir(`${GADGET}/configs/c.1`, { recursive: true });
  const values: Readonly<Record<string, string>> = {
    idVendor: '0x1d6b',
    idProduct: `0x${RAW_PRODUCT.toString(16).padStart(4, '0')}`,
    bcdUSB: '0x0200',
    'functions/SourceSink.0/bulk_buflen': '65536',
    // 2: neither written nor checked, so that the bytes themselves take no time.
    'functions/SourceSink.0/pattern': '2',
  };
  for (const [file, value] of Object.entries(values)) await writeFile(path.join(GADGET, file), value);
  await symlink(`${GADGET}/functions/SourceSink.0`, `${GADGET}/configs/c.1/SourceSink.0`);
}

export const plugSourceSink = (controller: string): Promise<void> => writeFile(`${GADGET}/UDC`, `${controller}\n`);
export const unplugSourceSink = (): Promise<void> => writeFile(`${GADGET}/UDC`, '\n');
