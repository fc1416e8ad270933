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
  createRoot(root).render(<App store={openStore('/playground/events')} actUrl="/playground/act" />);
}
