type Word = { label: string; detail: string }

/** Those that templates of agents use; all others of the engine can be typed. A test compares them with the engine. */
export const FILTERS: Word[] = words(`
append: add text at the end
at_least: not below this number
at_most: not above this number
capitalize: first letter in upper case
ceil: round up
compact: without empty elements
concat: two lists in one
date: format a time, "%Y-%m-%d"
default: if empty, this instead
divided_by: divide
downcase: lower case
escape: escape for HTML
first: first element
floor: round down
group_by: groups by a field
join: elements as one text
json: as JSON
last: last element
map: one field of each element
minus: subtract
newline_to_br: line breaks for HTML
plus: add
prepend: add text at the start
remove: without this text
replace: one text by another
replace_first: the first one only
reverse: last element first
round: round
size: length
slice: a part, by position
sort: sort by a field
sort_natural: sort, ignoring case
split: text to list
strip: without space around
strip_html: without HTML tags
strip_newlines: without line breaks
sum: total of a field
times: multiply
truncate: at most so many characters
truncatewords: at most so many words
uniq: each element once
upcase: upper case
url_decode: decode from a URL
url_encode: encode for a URL
where: elements whose field has a value
`)

export const TAGS: Word[] = words(`
if: if … endif
elsif: another condition
else: otherwise
endif: end of if
unless: unless … endunless
endunless: end of unless
case: case … endcase
when: a value of case
endcase: end of case
for: for item in list … endfor
endfor: end of for
break: leave the loop
continue: next element
assign: set a variable
capture: set a variable to text
endcapture: end of capture
comment: comment … endcomment
endcomment: end of comment
raw: keep the braces as they are
endraw: end of raw
`)

function words(lines: string): Word[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [label = '', detail = ''] = line.split(': ')
      return { label, detail }
    })
}
