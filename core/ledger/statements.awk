# SPDX-License-Identifier: BSD-2-Clause
#
# SQL files ▸ one list of PL_STATEMENT(NAME, "text"). A statement stands below
# "-- name: NAME", or below "-- name: NAME after OTHER" when it continues the
# text of another one; other comments and empty lines are left out.

/^-- name: / {
	if (n++)
		print ")"
	name = $3
	print "PL_STATEMENT(" toupper(name) ","
	if ($4 == "after") {
		if (!($5 in text)) {
			print FILENAME ": no statement " $5 > "/dev/stderr"
			exit 1
		}
		printf "%s", text[$5]
		text[name] = text[$5]
	}
	next
}
/^--/ || !NF { next }
{
	line = "\t\"" $0 "\\n\"\n"
	printf "%s", line
	text[name] = text[name] line
}
END { print ")" }
