# SPDX-License-Identifier: GPL-2.0-or-later
# jq -R -r --slurpfile schemas <(cat docs/schema/*.json) -f schema.jq: is it as the schemas say what the tool printed? A line of
# input has the tool's words, a tab, and a line of JSON; of what is wrong a line of output says so.
#
# It knows what these schemas are made of, and is stricter in one matter: what a schema does not tell of is a fault.

def kind: if type == "number" and . == floor then "integer" else type end;

# errors(SCHEMA; WHERE): of the value that comes in
def errors($s; $at):
	. as $v
	| (if ($s | has("const")) and $v != $s.const then "\($at): \($v | tojson) is not \($s.const)" else empty end),
	(if ($s | has("enum")) and ([$s.enum[] == $v] | any | not) then "\($at): \($v | tojson) is none of \($s.enum | tojson)" else empty end),
	(if ($s | has("type")) and ([$s.type] | flatten | index($v | kind)) == null
		then "\($at): \($v | tojson[:100]) is no \($s.type | tojson)" else empty end),
	(if ($s | has("minimum")) and ($v | type) == "number" and $v < $s.minimum then "\($at): \($v) is below \($s.minimum)" else empty end),
	(if ($v | type) == "object" then
		($s.required // [] | .[] | . as $k | select($v | has($k) | not) | "\($at) has no \($k)"),
		(select($s | has("properties")) | $v | keys_unsorted[] | . as $k |
			if $s.properties | has($k) then $v[$k] | errors($s.properties[$k]; "\($at).\($k)")
			else "\($at) has \($k), of which the schema does not tell" end)
	else empty end),
	(if ($v | type) == "array" and ($s | has("items")) then
		range($v | length) as $i | $v[$i] | errors($s.items; "\($at)[\($i)]") else empty end),
	(if $s | has("anyOf") then
		[$s.anyOf[] as $one | [$v | errors($one; $at)]] | if any(length == 0) then empty else first[] end else empty end);

# The words without the options that stand in front of the verb.
def without_options:
	if length == 0 then . elif .[0] | IN("-s", "--session", "--iommufd") then .[2:] | without_options
	elif .[0] | startswith("-") then .[1:] | without_options else . end;

($schemas | map({ key: (.title | ltrimstr("iommufdctl ") | rtrimstr(" --json")), value: . }) | from_entries) as $all
| split("\t") as [$words, $json]
| ($words | split(" ") | without_options) as $w
| (if $all | has($w[:2] | join(" ")) then $w[:2] | join(" ") else $w[0] end) as $verb
| (try ($json | fromjson) catch "\(.)") as $value
| if $verb | IN("batch", "exec", "session exec") then
	# Which line's it is cannot be told: it has to be that of some verb.
	[$schemas[] as $s | $value | [errors($s; "")]] | if any(length == 0) then empty else "\($words): no verb prints \($json[:200])" end
elif $all | has($verb) then $value | errors($all[$verb]; "") | "\($words): \(.)"
else "\($words): docs/schema has nothing of the verb" end
