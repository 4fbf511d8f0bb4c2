;; Finds the fields of plain rows: lines without quotes that have as many fields as there are columns.
;; Sixteen bytes are compared at a time, which is several times as fast as any search for one character
;; after another. `plain-rows.ts` calls it, and `node build/plain-rows.ts` compiles it.
;;
;; A cut is the position of a field's end in the decoded text, in UTF-16 code units: a byte's position, less
;; the bytes that add no unit. In UTF-8 those are all that continue a character, but for one of each
;; character of four bytes, which has two units.
(module
  (memory (export "memory") 7)
  ;; After the last row that the last call found: in bytes, and in units of the text.
  (global $end (export "end") (mut i32) (i32.const 0))
  (global $stop (export "stop") (mut i32) (i32.const 0))

  ;; Writes the cuts of the rows from the byte `from` on, which is the unit `unit` of the text: one before
  ;; each row, then the end of each field. Returns how many rows there are before something else comes:
  ;; a quote, a blank line, a comment, another number of fields, the byte `length`, or no room for one more.
  (func (export "scan")
    (param $from i32) (param $length i32) (param $unit i32)
    (param $cuts i32) (param $room i32)
    (param $columns i32) (param $delimiter i32) (param $quote i32) (param $comment i32)
    (result i32)
    (local $rows i32) (local $row i32) (local $field i32) (local $rowBytes i32)
    (local $block i32) (local $marks i32) (local $place i32) (local $at i32) (local $code i32)
    (local $shift i32) (local $here i32) (local $tails i32) (local $fours i32) (local $last i32)
    (local $bytes v128) (local $delimiters v128) (local $quotes v128)

    (local.set $delimiters (i8x16.splat (local.get $delimiter)))
    (local.set $quotes (i8x16.splat (local.get $quote)))
    (local.set $rowBytes (i32.shl (i32.add (local.get $columns) (i32.const 1)) (i32.const 2)))
    (local.set $row (local.get $from))
    (local.set $block (local.get $from))
    ;; Unit = byte + shift.
    (local.set $shift (i32.sub (local.get $unit) (local.get $from)))
    (global.set $end (local.get $from))
    (global.set $stop (local.get $unit))
    (block $done
      (br_if $done (i32.eqz (local.get $room)))
      (i32.store (local.get $cuts) (i32.sub (local.get $unit) (i32.const 1)))
      (br_if $done (i32.eq (i32.load8_u (local.get $row)) (local.get $comment)))
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $block) (local.get $length)))
        (local.set $bytes (v128.load (local.get $block)))
        (local.set $marks (i8x16.bitmask (v128.or
          (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))
          (v128.or
            (i8x16.eq (local.get $bytes) (local.get $delimiters))
            (i8x16.eq (local.get $bytes) (local.get $quotes))))))
        (local.set $tails (i32.const 0))
        (local.set $fours (i32.const 0))
        (if (i8x16.bitmask (local.get $bytes))
          (then
            ;; 0x80 to 0xbf, which are the lowest numbers with a sign; and from 0xf0 on.
            (local.set $tails (i8x16.bitmask
              (i8x16.lt_s (local.get $bytes) (i8x16.splat (i32.const -64)))))
            (local.set $fours (i8x16.bitmask
              (i8x16.ge_u (local.get $bytes) (i8x16.splat (i32.const 0xf0)))))))
        (block $unmarked
          (loop $next
            (br_if $unmarked (i32.eqz (local.get $marks)))
            (local.set $place (i32.ctz (local.get $marks)))
            (local.set $marks (i32.and (local.get $marks) (i32.sub (local.get $marks) (i32.const 1))))
            (local.set $at (i32.add (local.get $block) (local.get $place)))
            (local.set $code (i32.load8_u (local.get $at)))
            (local.set $here (i32.add (local.get $at) (local.get $shift)))
            (if (i32.or (local.get $tails) (local.get $fours))
              (then
                (local.set $place (i32.sub (i32.shl (i32.const 1) (local.get $place)) (i32.const 1)))
                (local.set $here (i32.add (local.get $here) (i32.sub
                  (i32.popcnt (i32.and (local.get $fours) (local.get $place)))
                  (i32.popcnt (i32.and (local.get $tails) (local.get $place))))))))
            (if (i32.eq (local.get $code) (local.get $delimiter))
              (then
                (local.set $field (i32.add (local.get $field) (i32.const 1)))
                (br_if $done (i32.ge_u (local.get $field) (local.get $columns)))
                (i32.store
                  (i32.add (local.get $cuts) (i32.shl (local.get $field) (i32.const 2)))
                  (local.get $here))
                (br $next)))
            ;; A quote, too few fields, or what lies behind the end.
            (br_if $done (i32.ne (local.get $code) (i32.const 10)))
            (br_if $done (i32.ne (i32.add (local.get $field) (i32.const 1)) (local.get $columns)))
            (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
            ;; A carriage return belongs to the line end.
            (local.set $last (if (result i32) (i32.gt_u (local.get $at) (local.get $row))
              (then (i32.eq (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 13)))
              (else (i32.const 0))))
            (br_if $done (i32.eq (i32.sub (local.get $at) (local.get $last)) (local.get $row)))
            (i32.store
              (i32.add (local.get $cuts) (i32.sub (local.get $rowBytes) (i32.const 4)))
              (i32.sub (local.get $here) (local.get $last)))
            (local.set $cuts (i32.add (local.get $cuts) (local.get $rowBytes)))
            (local.set $rows (i32.add (local.get $rows) (i32.const 1)))
            (local.set $row (i32.add (local.get $at) (i32.const 1)))
            (local.set $field (i32.const 0))
            (global.set $end (local.get $row))
            (global.set $stop (i32.add (local.get $here) (i32.const 1)))
            (br_if $done (i32.eq (local.get $rows) (local.get $room)))
            (i32.store (local.get $cuts) (local.get $here))
            (br_if $done (i32.eq (i32.load8_u (local.get $row)) (local.get $comment)))
            (br $next)))
        (if (i32.or (local.get $tails) (local.get $fours))
          (then
            (local.set $shift (i32.add (local.get $shift) (i32.sub
              (i32.popcnt (local.get $fours))
              (i32.popcnt (local.get $tails)))))))
        (local.set $block (i32.add (local.get $block) (i32.const 16)))
        (br $blocks)))
    (local.get $rows)))
