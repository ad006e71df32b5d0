import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Root } from './root.tsx';
import './page.css';

const place = document.getElementById('tab');
if (place)
  createRoot(place).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
