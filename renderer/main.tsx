import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/tokens.css';
import './theme/base.css';
import './parts/parts.css';
import { App } from './app.tsx';
import { startCatalogue } from './stores/catalogue.ts';
import { startHost } from './stores/host.ts';
import { startQuickPlaces } from './stores/quick.ts';
import { startOpened } from './stores/opened.ts';
import { startPhotos } from './stores/photos.ts';
import { startSync } from './stores/sync.ts';
import { startLanguage } from './stores/language.ts';
import { startVerify } from './stores/verify.ts';

startHost();
startQuickPlaces();
startSync();
startPhotos();
startOpened();
startCatalogue();
startVerify();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
await startLanguage();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
