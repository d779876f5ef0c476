/** The nonce that style elements need to pass the page's policy. New with every load. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

// An open dialog stops the page behind it from scrolling with a style element of its own. It is made by a library
// inside the component library, which looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: styleNonce })
