// Writing on twelve keys: the same key again, soon enough, turns to its next letter.

const LETTERS = { 1: ".,?!1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mnoñ6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0" };
const SOON = 900; // milliseconds

export const MODES = ["abc", "ABC", "123"];

let last = { key: "", at: 0, place: 0 };

export function forget() {
  last = { key: "", at: 0, place: 0 };
}

// Puts into the field what the key means now.
export function tap(field, key, mode) {
  const at = performance.now();
  const letters = mode === "123" || !LETTERS[key] ? key : LETTERS[key];
  const again = letters.length > 1 && last.key === key && at - last.at < SOON;
  const place = again ? (last.place + 1) % letters.length : 0;
  const letter = mode === "ABC" ? letters[place].toUpperCase() : letters[place];
  const end = field.selectionEnd;
  field.setRangeText(letter, again ? end - 1 : field.selectionStart, end, "end");
  last = { key, at, place };
}

// Takes out what is selected, or the letter before the caret.
export function untap(field) {
  const end = field.selectionEnd;
  field.setRangeText("", field.selectionStart === end ? Math.max(0, end - 1) : field.selectionStart, end, "end");
  forget();
}
