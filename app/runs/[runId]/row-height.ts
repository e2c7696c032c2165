// Heights of collapsed rows, exactly as their classes make them: the list computes with these, and never measures first. A story
// holds them equal to what the browser makes of the classes.

export const ROW_HEIGHT = { wide: 30, narrow: 52 }
export const HEADER_HEIGHT = 36
/** Width of the list below which a row has two lines; the classes of row-view say the same (`@2xl`). */
export const NARROW_BELOW = 672
