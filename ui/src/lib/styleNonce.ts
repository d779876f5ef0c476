/** What style elements must carry so that the page's policy lets them in. New with every load. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

// A dialogue keeps the page behind it from scrolling by a style element of its own, made by a library inside the
// component library; this name is where it looks for the nonce.
Object.assign(globalThis, { __webpack_nonce__: styleNonce })
