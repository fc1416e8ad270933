/** Starts the page: opens the line to its server and draws what comes. */
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { openStore } from './state/connection.ts';
import './styles/base.css';
import './styles/layout.css';
import './styles/sidebar.css';
import './styles/message.css';
import './styles/tools.css';
import './styles/welcome.css';
import './styles/text.css';
import './styles/data.css';
import './styles/composer.css';
import './styles/forms.css';
import './styles/views.css';
import './styles/inspector.css';
import './styles/inspector-tabs.css';

const root = document.getElementById('root');
if (root !== null) {
  // Which workspace is shown: all of the page is about one.
  const team = new URLSearchParams(window.location.search).get('team');
  const of = team === null ? '' : `?team=${encodeURIComponent(team)}`;
  createRoot(root).render(
    <App store={openStore(`/playground/events${of}`)} actUrl={`/playground/act${of}`} />,
  );
}
