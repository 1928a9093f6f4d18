import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { bytesFor, writeFile } from '../worlds/world.ts';
import { App, newFolder, type AppOptions, type Heard } from './app.ts';

/** The built program with the stand-in: what Replug asks of Electron. Electron itself is not run. */

const folders: string[] = [];
const running: App[] = [];
function start(options: Partial<AppOptions> = {}): App {
  const folder = options.folder ?? newFolder();
  folders.push(folder);
  const app = new App({ ...options, folder });
  running.push(app);
  return app;
}
after(() => {
  for (const app of running) app.kill();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** A folder for the phone, and the place of its root. */
function phoneIn(folder: string, more = ''): { readonly files: string; readonly args: readonly string[] } {
  const files = path.join(folder, 'phone');
  fs.mkdirSync(files, { recursive: true });
  return { files, args: ['--virtual', `${files},serial=APP,name=Test phone${more}`] };
}
async function phoneRoot(app: App): Promise<{ device: string; storage: string; path: string }> {
  await app.say({ kind: 'subscribe', id: 9000, name: 'devices' });
  const found = await app.until('the phone', (electron) => {
    const messages = electron.windows[0]?.contents.sent.map(({ message }) => message) as Heard[];
    const last = messages.findLast((one) => one?.kind === 'snapshot' && one.id === 9000);
    const device = last?.snapshot.devices.find((one) => one.state.kind === 'ready');
    return device === undefined ? undefined : { device: device.key, storage: device.storages[0]?.key };
  });
  return { device: String(found.device), storage: String(found.storage), path: '/' };
}

test('the window: isolated, sandboxed, without Node, at its own address', async () => {
  const app = await start().opened();
  const { options, calls, address } = await app.inside((electron) => ({
    options: electron.windows[0]?.options,
    calls: electron.calls.map(({ name }) => name),
    address: electron.windows[0]?.contents.mainFrame.url,
  }));
  const preferences = options?.['webPreferences'] as Record<string, unknown>;
  assert.equal(preferences['contextIsolation'], true);
  assert.equal(preferences['sandbox'], true);
  assert.equal(preferences['webSecurity'], true);
  for (const closed of [
    'nodeIntegration',
    'nodeIntegrationInWorker',
    'nodeIntegrationInSubFrames',
    'allowRunningInsecureContent',
    'experimentalFeatures',
    'webviewTag',
    'navigateOnDragDrop',
  ])
    assert.equal(preferences[closed], false, closed);
  assert.match(String(preferences['preload']), /out[/\\]main[/\\]\.\.[/\\]preload|out[/\\]preload[/\\]preload\.cjs$/);
  assert.ok(fs.existsSync(String(preferences['preload'])));
  assert.equal(address, 'app://replug/index.html');
  for (const name of ['app.enableSandbox', 'protocol.registerSchemesAsPrivileged', 'protocol.handle'])
    assert.ok(calls.includes(name), name);
  const privileges = await app.inside(
    (electron) => electron.calls.find(({ name }) => name === 'protocol.registerSchemesAsPrivileged')?.args[0],
  );
  assert.deepEqual(privileges, [
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  await app.end();
});

test('pages: only the window’s own files, each with a strict policy', async () => {
  const app = await start().opened();
  const get = (url: string, method = 'GET') =>
    app.inside(
      async (electron, request) => {
        const response = await electron.handlerOf('app')(request);
        return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
      },
      { url, method },
    );
  const home = await get('app://replug/index.html');
  assert.equal(home.status, 200);
  const policy = String(home.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /connect-src 'self'(;|$)/);
  assert.match(policy, /media-src 'self'(;|$)/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe-eval|https?:|\*|script-src[^;]*unsafe-inline/);
  assert.equal(home.headers['x-content-type-options'], 'nosniff');

  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(home.text)?.[1];
  const answer = await get(`app://replug${script}`);
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers['content-type']), /^text\/javascript/);

  for (const hostile of [
    'app://replug/../main/main.js',
    'app://replug/%2e%2e/main/main.js',
    'app://replug/..%2fmain%2fmain.js',
    'app://replug/assets/..%5c..%5cmain/main.js',
    'app://replug//etc/passwd',
    'app://replug/',
    'app://replug/index.html%00.js',
  ])
    assert.equal((await get(hostile)).status, 404, hostile);
  for (const other of ['app://evil/index.html', 'app://user@replug/index.html', 'file:///etc/passwd'])
    assert.equal((await get(other)).status, 403, other);
  assert.equal((await get('app://replug/index.html', 'POST')).status, 403);
  await app.end();
});

test('everything else is blocked: permissions, windows, navigation, the network', async () => {
  const app = await start().opened();
  const found = await app.inside((electron) => {
    const contents = electron.windows[0]?.contents;
    const { request, check, device, before } = electron.sessionHandlers;
    if (contents === undefined || !request || !check || !device || !before) throw new Error('a guard is missing');
    const permissions = [
      'media',
      'geolocation',
      'notifications',
      'usb',
      'openExternal',
      'clipboard-read',
      'fullscreen',
    ];
    const granted: string[] = [];
    for (const one of [...permissions, 'clipboard-sanitized-write']) {
      request(contents, one, (yes) => yes && granted.push(`request ${one}`));
      if (check(contents, one, 'app://replug')) granted.push(`check ${one}`);
      if (check(null, one, 'https://evil.example')) granted.push(`check for others ${one}`);
    }
    const went = (url: string): boolean => {
      let allowed = true;
      contents.emit('will-frame-navigate', { url, preventDefault: () => (allowed = false) });
      return allowed;
    };
    const loads = (url: string): boolean => {
      let cancelled: boolean | undefined;
      before({ url }, (reply) => (cancelled = reply.cancel));
      return cancelled !== true;
    };
    let webview = true;
    contents.emit('will-attach-webview', { preventDefault: () => (webview = false) });
    return {
      granted,
      device: device({}),
      opens: ['https://evil.example', 'app://replug/index.html'].map((url) => contents.openHandler?.({ url }).action),
      navigates: ['https://evil.example/', 'file:///etc/passwd', 'app://evil/', 'javascript:alert(1)'].map(went),
      navigatesHome: went('app://replug/index.html'),
      loads: ['https://evil.example/a.js', 'http://127.0.0.1:1/', 'file:///etc/passwd', 'ws://x/'].map(loads),
      loadsHome: loads('app://replug/index.html'),
      webview,
    };
  });
  assert.deepEqual(found, {
    granted: ['request clipboard-sanitized-write', 'check clipboard-sanitized-write'],
    device: false,
    opens: ['deny', 'deny'],
    navigates: [false, false, false, false],
    navigatesHome: true,
    loads: [false, false, false, false],
    loadsHome: true,
    webview: false,
  });
  await app.end();
});

test('messages: accepted from the window’s main frame only; each argument is checked', async () => {
  const app = await start().opened();
  const info = await app.command('hostInfo');
  assert.equal(info.host, 'electron');
  assert.equal(info.drops, 'paths');
  assert.equal(info.canPick, true);

  const before = await app.inside((electron) => {
    const window = electron.windows[0];
    if (window === undefined) throw new Error('no window');
    const { contents, webContents: sender } = window;
    const message = { kind: 'command', id: 77, name: 'hostInfo' };
    const stranger = new electron.Contents();
    stranger.mainFrame.url = 'app://replug/index.html';
    const events = [
      { sender, senderFrame: null },
      { sender, senderFrame: { url: 'app://replug/index.html' } },
      { sender: stranger, senderFrame: stranger.mainFrame },
    ];
    for (const event of events) electron.ipcEvents.emit('replug', event, message);
    const { url } = contents.mainFrame;
    contents.mainFrame.url = 'https://evil.example/';
    electron.ipcEvents.emit('replug', { sender, senderFrame: contents.mainFrame }, message);
    contents.mainFrame.url = url;
    return contents.sent.length;
  });
  // a valid message after them: if one of them had been accepted, its reply would have arrived by now
  await app.command('getSettings');
  const answers = await app.inside(
    (electron) =>
      electron.windows[0]?.contents.sent.filter(({ message }) => (message as { id?: number }).id === 77).length,
  );
  assert.equal(answers, 0);
  assert.ok(before > 0);

  for (const [id, message] of [
    [101, { kind: 'command', id: 101, name: 'reveal', argument: { path: 7 } }],
    [102, { kind: 'command', id: 102, name: 'constructor' }],
  ] as const) {
    await app.say(message);
    const { reply } = await app.heard('reply', id);
    assert.equal(reply.ok, false);
    assert.equal(reply.error.kind, 'bad-request');
  }
  await app.say('not even an object');
  assert.equal((await app.heard('refused', -1)).error.kind, 'bad-request');
  await app.end();
});

test('the system’s chooser, and a missing file that is not shown', async () => {
  const folder = newFolder();
  const app = await start({ folder }).opened();
  assert.deepEqual(await app.command('pickLocal', { kind: 'folder', title: 'Save to' }), {});
  await app.inside(
    (electron, chosen) => void (electron.answers.openDialog = { canceled: false, filePaths: [chosen] }),
    folder,
  );
  assert.deepEqual(await app.command('pickLocal', { kind: 'folder' }), { path: folder });
  await app.command('reveal', { path: folder });
  const calls = await app.inside((electron) => electron.calls.filter(({ name }) => /Folder|OpenDialog/.test(name)));
  assert.deepEqual(
    calls.map(({ name, args }) => [name, args[0]]),
    [
      ['dialog.showOpenDialog', { title: 'Save to', properties: ['openDirectory', 'createDirectory'] }],
      ['dialog.showOpenDialog', { properties: ['openDirectory', 'createDirectory'] }],
      ['shell.showItemInFolder', folder],
    ],
  );
  await app.say({ kind: 'command', id: 300, name: 'reveal', argument: { path: path.join(folder, 'no') } });
  assert.equal((await app.heard('reply', 300)).reply.error.kind, 'local-missing');
  await app.end();
});

test('a phone’s file: opened, opened with a chosen program, or only shown; and looked at in ranges', async () => {
  const folder = newFolder();
  const { files, args } = phoneIn(folder);
  fs.writeFileSync(path.join(files, 'a note.txt'), 'hello');
  fs.writeFileSync(path.join(files, 'setup.exe'), 'MZ');
  fs.writeFileSync(path.join(files, 'a.wav'), Buffer.alloc(1000, 7));
  const app = await start({ folder, args }).opened();
  const root = await phoneRoot(app);
  const place = (name: string) => ({ ...root, path: `/${name}` });
  const shells = () => app.inside((electron) => electron.calls.filter(({ name }) => name.startsWith('shell.')));

  const { copy } = await app.command('fetchCopy', { place: place('a note.txt') });
  assert.deepEqual(await app.command('openCopy', { copy, how: 'open' }), { shown: false });
  const [opened] = await shells();
  assert.equal(opened?.name, 'shell.openPath');
  assert.equal(fs.readFileSync(String(opened?.args[0]), 'utf8'), 'hello');
  await app.command('openCopy', { copy, how: 'with' });
  assert.ok(
    await app.inside((electron) => electron.calls.some(({ name }) => name === 'dialog.showOpenDialog')),
    'a person chooses the program',
  );

  const program = await app.command('fetchCopy', { place: place('setup.exe') });
  assert.equal(program.isProgram, true);
  for (const how of ['open', 'with', 'show'])
    assert.deepEqual(await app.command('openCopy', { copy: program.copy, how }), { shown: true }, how);
  assert.deepEqual(
    (await shells()).map(({ name }) => name),
    ['shell.openPath', ...Array<string>(3).fill('shell.showItemInFolder')],
  );
  // only what was fetched can be opened, whatever the window asks for
  await app.say({ kind: 'command', id: 500, name: 'openCopy', argument: { copy: '/etc/passwd', how: 'open' } });
  assert.equal((await app.heard('reply', 500)).reply.error.kind, 'missing');

  await app.say({ kind: 'subscribe', id: 501, name: 'look', argument: { place: place('a.wav') } });
  const address = await app.until('the look', (electron) => {
    const sent = electron.windows.flatMap(({ contents }) => contents.sent.map(({ message }) => message));
    const seen = sent.findLast((message) => (message as { id?: number }).id === 501);
    return (seen as { snapshot?: { address?: string } } | undefined)?.snapshot?.address;
  });
  const part = (range: string) =>
    app.inside(
      async (electron, asked) => {
        const answer = await electron.handlerOf('app:')({
          url: `app://replug/${asked.address}`,
          method: 'GET',
          headers: new Headers({ range: asked.range }),
        });
        return { status: answer.status, range: answer.headers.get('content-range'), text: await answer.text() };
      },
      { address, range },
    );
  assert.deepEqual(await part('bytes=10-12'), { status: 206, range: 'bytes 10-12/1000', text: '\x07\x07\x07' });
  await app.say({ kind: 'unsubscribe', id: 501 });
  assert.equal((await part('bytes=10-12')).status, 404, 'gone with the look');
  await app.end();
});

test('a second start passes its paths on and exits; the window gets them once it listens', async () => {
  const folder = newFolder();
  const file = writeFile(path.join(folder, 'a file.txt'), 10);
  const first = await start({ folder }).opened();
  const second = start({ folder, args: [file, '--no-sandbox', 'relative'], env: { FAKE_SECOND: '1' } });
  assert.equal(await second.exited, 0, second.errors);
  assert.deepEqual(second.second, { paths: [file, path.resolve('relative')] });

  await first.inside((electron, data) => {
    electron.windows[0]?.hide();
    electron.appEvents.emit('second-instance', {}, [], '/', data);
    // anything that is not a path is dropped
    electron.appEvents.emit('second-instance', {}, [], '/', { paths: ['relative', 5, { path: '/x' }] });
    electron.appEvents.emit('second-instance', {}, [], '/', null);
  }, second.second);
  assert.equal(await first.inside((electron) => electron.windows[0]?.visible), true);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const requests = () =>
    first.inside((electron) =>
      electron.windows[0]?.contents.sent
        .filter(({ channel }) => channel === 'replug-requests')
        .map(({ message }) => message),
    );
  assert.deepEqual(await requests(), []);
  await first.inside((electron) => {
    const window = electron.windows[0];
    electron.ipcEvents.emit('replug-requests', {
      sender: window?.webContents,
      senderFrame: window?.contents.mainFrame,
    });
  });
  assert.deepEqual(await requests(), [{ kind: 'send', paths: [file, path.resolve('relative')] }]);
  await first.end();
});

test('files of the first start, and those macOS passes one by one, become one transfer', async () => {
  const app = start({ args: ['/one'] });
  await app.opened();
  await app.inside((electron) => {
    for (const file of ['/two', '/three'])
      electron.appEvents.emit('open-file', { preventDefault: () => undefined }, file);
    const window = electron.windows[0];
    electron.ipcEvents.emit('replug-requests', {
      sender: window?.webContents,
      senderFrame: window?.contents.mainFrame,
    });
  });
  const paths = await app.until('all three', (electron) => {
    const sent = electron.windows[0]?.contents.sent.filter(({ channel }) => channel === 'replug-requests') ?? [];
    const all = sent.flatMap(({ message }) => (message as { paths: string[] }).paths);
    return all.length === 3 ? { all, messages: sent.length } : undefined;
  });
  assert.deepEqual(paths.all, ['/one', '/two', '/three']);
  assert.ok(paths.messages <= 2);
  await app.end();
});

test('closing the window during a transfer: it continues and says so once; quitting waits for the chunk in flight; the next start finishes', async () => {
  const folder = newFolder();
  // large enough to be written in place, chunk by chunk: quitting would wait for the end of a smaller file
  const size = 24_000_000;
  const { files, args } = phoneIn(folder, ',rate=8000000');
  const file = writeFile(path.join(folder, 'film.mp4'), size);
  const app = await start({ folder, args }).opened();
  const to = await phoneRoot(app);
  await app.command('upload', { sources: [file], to });

  await app.until('the computer kept awake', (electron) => electron.blockers.size === 1);
  await app.until('a bar in the taskbar', (electron) => Number(electron.windows[0]?.progress[0]) > 0);
  const tray = await app.inside((electron) => electron.desktop.tray);
  assert.match(tray.image, /tray-running/);
  assert.match(tray.menu[0]?.label ?? '', /^film\.mp4/);
  assert.equal(tray.menu.find(({ label }) => label === 'Pause All')?.enabled, true);

  const closed = await app.inside((electron) => {
    const window = electron.windows[0];
    window?.close();
    const said = electron.notifications.length;
    window?.show();
    window?.close();
    return {
      windows: electron.windows.length,
      visible: window?.visible,
      said,
      saidAgain: electron.notifications.length,
    };
  });
  assert.deepEqual(closed, { windows: 1, visible: false, said: 1, saidAgain: 1 });
  const { session } = await app.inside((electron) => {
    electron.notifications[0]?.emit('click');
    return { session: electron.windows[0]?.visible };
  });
  assert.equal(session, true, 'a click on the notification opens the window');

  await app.quit();
  assert.equal(await app.exited, 0, app.errors);
  assert.equal(app.errors, '');
  const log = fs.readFileSync(path.join(folder, 'logs', 'replug.log'), 'utf8');
  assert.match(log, /stopped\n$/);
  assert.ok(!fs.existsSync(path.join(files, 'film.mp4')), 'it was in the middle');

  const again = await start({ folder, args: phoneIn(folder).args }).opened();
  const bar = await again.until('the rest', (electron) => {
    const last = electron.windows[0]?.progress;
    return electron.notifications.length === 0 && last?.[0] === -1 && electron.blockers.size === 0 ? last : undefined;
  });
  assert.deepEqual(bar, [-1]);
  await again.until('the tray at rest', (electron) => /tray-idle/.test(electron.desktop.tray.image));
  assert.deepEqual(fs.readFileSync(path.join(files, 'film.mp4')), bytesFor('film.mp4', size));
  const bounds = await again.inside((electron) => {
    const { x, y, width, height } = electron.windows[0]?.options as Record<string, number>;
    return { x, y, width, height };
  });
  assert.deepEqual(bounds, { x: 40, y: 50, width: 900, height: 600 }, 'the window is where it was');
  await again.end();
});

test('a notification when a transfer is done and the window is hidden; none if it is visible or they are disabled', async () => {
  const folder = newFolder();
  const { args } = phoneIn(folder);
  const app = await start({ folder, args }).opened();
  const to = await phoneRoot(app);
  const send = async (name: string): Promise<void> => {
    await app.command('upload', { sources: [writeFile(path.join(folder, name), 1000)], to });
    await app.until(name, (electron, wanted) => electron.exists(wanted), path.join(folder, 'phone', name));
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  await send('seen.txt');
  assert.equal(await app.inside((electron) => electron.notifications.length), 0);
  await app.inside((electron) => electron.windows[0]?.hide());
  await send('unseen.txt');
  const said = await app.inside((electron) => electron.notifications.map(({ options }) => options));
  assert.deepEqual(said, [{ title: 'Transfer complete', body: '“unseen.txt” is on Test phone.', silent: false }]);
  await app.command('setSettings', { notifications: false });
  await send('quiet.txt');
  assert.equal(await app.inside((electron) => electron.notifications.length), 1);
  await app.end();
});

test('with nothing to do, closing the window ends the program', async () => {
  const app = await start().opened();
  void app.inside((electron) => void setImmediate(() => electron.windows[0]?.close())).catch(() => undefined);
  assert.equal(await app.exited, 0, app.errors);
});

test('after sleep, phones that are not ready are tried again', async () => {
  const folder = newFolder();
  const { args } = phoneIn(folder);
  const app = await start({ folder, args: [...args, '--fault', 'locked@open'] }).opened();
  await app.say({ kind: 'subscribe', id: 9000, name: 'devices' });
  await app.until('locked', (electron) => {
    const messages = electron.windows[0]?.contents.sent.map(({ message }) => message) as Heard[];
    return messages.findLast((one) => one.id === 9000)?.snapshot?.devices[0]?.state.kind === 'locked';
  });
  await app.inside((electron) => electron.powerEvents.emit('resume'));
  await app.end();
  assert.match(fs.readFileSync(path.join(folder, 'logs', 'replug.log'), 'utf8'), /awake again; phones asked again: 1/);
});

test('a comparison keeps the computer awake while it reads, if the setting says so', async () => {
  const folder = newFolder();
  const { files, args } = phoneIn(folder, ',rate=1000000');
  const [there, local] = [path.join(files, 'film.bin'), path.join(folder, 'film.bin')];
  for (const file of [there, local]) writeFile(file, 20_000_000);
  const app = await start({ folder, args }).opened();
  const { device, storage } = await phoneRoot(app);
  const place = { device, storage, path: '/film.bin' };
  const blockers = (count: number): Promise<unknown> =>
    app.until(`${count} blockers`, (electron, wanted) => electron.blockers.size === wanted, count);
  const argument = { id: 'v', place, local, level: 'full', most: 10 };
  await app.say({ kind: 'subscribe', id: 9100, name: 'verification', argument });
  await blockers(1);
  await app.command('setSettings', { preventSleep: false });
  await blockers(0);
  await app.command('setSettings', { preventSleep: true });
  await blockers(1);
  await app.command('stopVerification', { id: 'v' });
  await blockers(0);
  await app.end();
});

test('dragging out: only prepared files', async () => {
  const folder = newFolder();
  const { files, args } = phoneIn(folder);
  writeFile(path.join(files, 'photo.jpg'), 5000);
  const app = await start({ folder, args }).opened();
  const root = await phoneRoot(app);
  const drag = (paths: unknown) =>
    app.inside((electron, wanted) => {
      const window = electron.windows[0];
      electron.ipcEvents.emit(
        'replug-drag',
        { sender: window?.webContents, senderFrame: window?.contents.mainFrame },
        wanted,
      );
      return electron.calls.filter(({ name }) => name === 'webContents.startDrag').map((call) => call.args[0]);
    }, paths);
  for (const hostile of [['/etc/passwd'], 'text', [], null, [7]]) assert.deepEqual(await drag(hostile), []);
  const { paths } = await app.command('prepareDrag', { sources: [{ ...root, path: '/photo.jpg' }] });
  assert.deepEqual(await drag([...paths, '/etc/passwd']), []);
  const [item] = (await drag(paths)) as { file: string; files: string[] }[];
  assert.deepEqual(item?.files, paths);
  assert.deepEqual(fs.readFileSync(item?.file ?? ''), bytesFor('photo.jpg', 5000));
  fs.rmSync(path.dirname(item?.file ?? ''), { recursive: true });
  await app.end();
});

test('the menu: its commands reach the window, diagnostics the clipboard without names of files', async () => {
  const folder = newFolder();
  const app = await start({ folder, args: [writeFile(path.join(folder, 'secret name.txt'), 1)] }).opened();
  const labels = await app.inside((electron) => electron.desktop.menu.map(({ label, role }) => label ?? role));
  assert.deepEqual(
    labels,
    process.platform === 'darwin'
      ? ['Replug', 'File', 'Edit', 'View', 'Go', 'windowMenu', 'Help']
      : ['&File', '&Edit', '&View', '&Go', '&Help'],
  );
  const click = (wanted: string) =>
    app.inside((electron, label) => {
      const all = electron.desktop.menu.flatMap(({ submenu }) => submenu ?? []);
      const item = all.find((one) => one.label === label);
      if (item?.click === undefined) throw new Error(`there is no ${label}`);
      item.click();
    }, wanted);
  await app.inside((electron) => {
    const window = electron.windows[0];
    electron.ipcEvents.emit('replug-requests', {
      sender: window?.webContents,
      senderFrame: window?.contents.mainFrame,
    });
  });
  await click('New Folder');
  const asked = await app.inside((electron) => electron.windows[0]?.contents.sent.at(-1));
  assert.deepEqual(asked, { channel: 'replug-requests', message: { kind: 'perform', command: 'new-folder' } });
  await click('Report This Phone…');
  const reported = await app.inside((electron) => electron.windows[0]?.contents.sent.at(-1));
  assert.deepEqual(reported, { channel: 'replug-requests', message: { kind: 'perform', command: 'report-phone' } });

  const copied = () =>
    app.until(
      'the clipboard',
      (electron) => electron.calls.findLast(({ name }) => name === 'clipboard.writeText')?.args[0] as string,
    );
  await click('Copy Diagnostics…');
  const plain = await copied();
  assert.match(plain, /Replug \d/);
  assert.doesNotMatch(plain, /secret name|Log, its end/);
  await app.inside((electron) => {
    electron.calls.length = 0;
    electron.answers.messageBox = { response: 0, checkboxChecked: true };
  });
  await click('Copy Diagnostics…');
  assert.match(await copied(), /Log, its end:\n[\s\S]*starts, process/);
  await click('Show Log');
  await app.end();
});

test('a program that cannot start says why and exits', async () => {
  const app = start({ args: ['--virtual', '/tmp,nonsense=1'] });
  assert.equal(await app.exited, 1);
  const log = fs.readFileSync(path.join(folders.at(-1) ?? '', 'logs', 'replug.log'), 'utf8');
  assert.match(log, /the start failed: .*nonsense/);
});

test('updates: not mentioned without an address; with one, checked, but never during a transfer', async () => {
  const labels = (app: App) =>
    app.inside((electron) => electron.desktop.menu.flatMap(({ submenu }) => submenu ?? []).map(({ label }) => label));
  const check = async (app: App): Promise<string> => {
    await app.inside((electron) => {
      electron.calls.length = 0;
      electron.desktop.menu
        .flatMap(({ submenu }) => submenu ?? [])
        .find(({ label }) => label === 'Check for Updates…')
        ?.click?.();
    });
    const shown = await app.until(
      'an answer',
      (electron) => electron.calls.find(({ name }) => name === 'dialog.showMessageBox')?.args[0],
    );
    return String((shown as { message: string }).message);
  };

  const plain = await start({ env: { FAKE_PACKAGED: '1' } }).opened();
  assert.ok(!(await labels(plain)).includes('Check for Updates…'));
  await plain.end();

  const folder = newFolder();
  fs.mkdirSync(path.join(folder, 'resources'));
  fs.writeFileSync(
    path.join(folder, 'resources', 'app-update.yml'),
    'provider: generic\nurl: https://updates.example/replug\nupdaterCacheDirName: replug-updater\n',
  );
  const { args } = phoneIn(folder, ',rate=4000000');
  const env = { FAKE_PACKAGED: '1', APPIMAGE: path.join(folder, 'Replug.AppImage') };
  const app = await start({ folder, args, env }).opened();
  assert.ok((await labels(app)).includes('Check for Updates…'));
  assert.match(await check(app), /^Checking for updates failed/);
  const asked = await app.inside((electron) => electron.calls.filter(({ name }) => name === 'net.request'));
  if (process.platform === 'linux')
    assert.match(String(asked[0]?.args[0]), /^https:\/\/updates\.example\/replug\/latest-linux.*\.yml/);

  const to = await phoneRoot(app);
  await app.command('upload', { sources: [writeFile(path.join(folder, 'film.mp4'), 24_000_000)], to });
  await app.until('the transfer', (electron) => electron.blockers.size === 1);
  assert.match(await check(app), /^A transfer is in progress/);
  assert.deepEqual(await app.inside((electron) => electron.calls.filter(({ name }) => name === 'net.request')), []);
  await app.end();
});
