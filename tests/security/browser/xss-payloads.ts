// What would run a script, or ask another machine for something, were it taken for HTML, Markdown, SVG, a style or an address.
// Each says its number by `__xss(n)`, or by asking `beacon` for it, so that whatever gets through has a name.

const SCRIPTS: ((n: number, beacon: string) => string)[] = [
  n => `<script>__xss(${n})</script>`,
  n => `</script><script>__xss(${n})</script>`,
  n => `<img src=x onerror=__xss(${n})>`,
  n => `<img src=x onerror="__xss(${n})" `,
  n => `<svg onload=__xss(${n})>`,
  n => `<svg><script>__xss(${n})</script></svg>`,
  n => `<svg><animate onbegin=__xss(${n}) attributeName=x dur=1s>`,
  n => `<math><mtext></form><form><mglyph><style></math><img src onerror=__xss(${n})>`,
  n => `<body onload=__xss(${n})>`,
  n => `<input autofocus onfocus=__xss(${n})>`,
  n => `<details open ontoggle=__xss(${n})>x</details>`,
  n => `<video><source onerror=__xss(${n})></video>`,
  n => `<audio src=x onerror=__xss(${n})></audio>`,
  n => `<iframe srcdoc="<script>parent.__xss(${n})</script>"></iframe>`,
  n => `<iframe src="javascript:parent.__xss(${n})"></iframe>`,
  n => `<object data="javascript:__xss(${n})"></object>`,
  n => `<embed src="javascript:__xss(${n})">`,
  n => `<a href="javascript:__xss(${n})" id=x${n}>click</a>`,
  n => `<a href="&#106;avascript:__xss(${n})">click</a>`,
  n => `<form action="javascript:__xss(${n})"><button>go</button></form>`,
  n => `<base href="javascript:/"><a href="//__xss(${n})">x</a>`,
  n => `<template><img src=x onerror=__xss(${n})></template>`,
  n => `<noscript><p title="</noscript><img src=x onerror=__xss(${n})>">`,
  n => `<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart=__xss(${n})>`,
  n => `<marquee onstart=__xss(${n})>x</marquee>`,
  n => `"><img src=x onerror=__xss(${n})>`,
  n => `'><img src=x onerror=__xss(${n})>`,
  n => `--><img src=x onerror=__xss(${n})>`,
  n => `]]><img src=x onerror=__xss(${n})>`,
  n => `</textarea></title></style></noscript><img src=x onerror=__xss(${n})>`,
  n => `\${__xss(${n})}`,
  n => `{{constructor.constructor('__xss(${n})')()}}`,
  n => `javascript:__xss(${n})`,
  n => `[click](javascript:__xss(${n}))`,
  n => `[click](JaVaScRiPt:__xss(${n}))`,
  n => `[click](java\tscript:__xss(${n}))`,
  n => `[click](data:text/html,<script>__xss(${n})</script>)`,
  n => `[click](vbscript:__xss(${n}))`,
  n => `![x](x"onerror="__xss(${n}))`,
  n => `[x]: javascript:__xss(${n})\n[x]`,
  n => `<javascript:__xss(${n})>`,
  n => `\`\`\`html\n<img src=x onerror=__xss(${n})>\n\`\`\``,
  n => `\u2028<img src=x onerror=__xss(${n})>\u2029`,
  n => `{"toString":"<img src=x onerror=__xss(${n})>"}`,
  n => `self.__next_f.push([1,"<script>__xss(${n})</script>"])`,
  n => `\\u003cimg src=x onerror=__xss(${n})\\u003e`,
]
const BEACONS: ((n: number, beacon: string) => string)[] = [
  (n, beacon) => `<img src="${beacon}/${n}">`,
  (n, beacon) => `![beacon](${beacon}/${n}.png)`,
  (n, beacon) => `![beacon][b${n}]\n\n[b${n}]: ${beacon}/${n}.png`,
  (n, beacon) => `<link rel=stylesheet href="${beacon}/${n}">`,
  (n, beacon) => `<style>@import "${beacon}/${n}"</style>`,
  (n, beacon) => `<p style="background:url(${beacon}/${n})">x</p>`,
  (n, beacon) => `<iframe src="${beacon}/${n}"></iframe>`,
  (n, beacon) => `<script src="${beacon}/${n}"></script>`,
  (n, beacon) => `<video poster="${beacon}/${n}"></video>`,
  (n, beacon) => `<svg><image href="${beacon}/${n}"></image></svg>`,
  (n, beacon) => `<meta http-equiv=refresh content="0;url=${beacon}/${n}">`,
  (n, beacon) => `<link rel=prefetch href="${beacon}/${n}">`,
  (n, beacon) => `<object data="${beacon}/${n}"></object>`,
  (n, beacon) => `\u001b]8;;${beacon}/${n}\u0007link\u001b]8;;\u0007`,
]
/** As it is, in a sentence, and behind what a template would have opened. */
const AROUND = [
  (one: string) => one,
  (one: string) => `before ${one} after`,
  (one: string) => `*x* </p></div></pre></button>${one}`,
]

export function xssPayloads(beacon: string, count = 120): string[] {
  const makers = [...SCRIPTS, ...BEACONS]
  return Array.from({ length: count }, (_, n) =>
    AROUND[Math.floor(n / makers.length) % AROUND.length]!(makers[n % makers.length]!(n, beacon)),
  )
}
