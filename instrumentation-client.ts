// Next runs this before any other script of a page. Under the page's content policy the browser asks here for every text that is about
// to become markup or the address of a script; nothing that a run printed ever should.

interface Rules {
  createHTML(text: string): string
  createScript(text: string): string
  createScriptURL(url: string): string
}
/** Where the browser knows it; others hold the rest of the policy. */
const { trustedTypes } = globalThis as {
  trustedTypes?: { createPolicy(name: string, rules: Rules): unknown }
}

/** How React makes a script element, and how the Markdown library reads an entity. */
const HARMLESS = /^(?:<script><\/script>|&[a-z0-9#]{1,40};?)$/i

trustedTypes?.createPolicy('default', {
  createHTML(text) {
    if (HARMLESS.test(text)) return text
    throw new TypeError('Text of a page is never parsed as HTML')
  },
  createScript() {
    throw new TypeError('Text of a page is never run')
  },
  createScriptURL(url) {
    if (new URL(url, location.href).origin === location.origin) return url
    throw new TypeError('Scripts come from this server alone')
  },
})
