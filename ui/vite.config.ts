import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { compressAssets } from './compress.ts'

/** The server fills these marks in; where Vite itself serves the page there is none to do it. */
const fillMarks: Plugin = {
  name: 'fill-marks',
  apply: 'serve',
  transformIndexHtml: (html) =>
    html.replace('%BASE%', '/').replaceAll('%NONCE%', '').replaceAll('%PUBLIC_URL%', '/'),
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative: the page's own base says where the console stands.
  base: './',
  plugins: [react(), fillMarks, compressAssets()],
  build: {
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The policy of the page takes no data: URLs.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://localhost:7091', '/readyz': 'http://localhost:7091' } },
})
