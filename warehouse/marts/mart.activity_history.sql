-- Stretches of equal content: a new one begins where the content differs or the activity was away in between.
-- Snapshots come from the store's own list: one without any activity ends all stretches, and so does retirement.
with snapshot as (
    select dataset, sha256 as snapshot_sha256, fetched_at,
           row_number() over (partition by dataset order by fetched_at) as n,
           coalesce(lead(fetched_at) over (partition by dataset order by fetched_at), retired_at) as next_at
    from (select distinct dataset, sha256, fetched_at, retired_at from audit.snapshot where is_usable)
),
-- A file that repeats an identifier: one entry with the content of all its activities.
activity as (
    select dataset, snapshot_sha256, fetched_at, iati_identifier,
           string_agg(content_hash, ' ' order by content_hash) as content,
           list_sort(list_distinct(flatten(list(element_hashes)))) as elements,
           min(source_line) as source_line
    from audit.activity_version
    group by all
),
sequence as (
    select a.*, s.n, s.next_at,
           lag(s.n) over one as n_before,
           lag(a.content) over one as content_before,
           lag(a.elements) over one as elements_before
    from activity as a join snapshot as s using (dataset, snapshot_sha256, fetched_at)
    window one as (partition by a.dataset, a.iati_identifier order by s.n)
),
stretch as (
    select *, sum(case when n_before = n - 1 and content_before = content then 0 else 1 end)
                  over (partition by dataset, iati_identifier order by n) as number
    from sequence
),
edge as (
    select dataset, iati_identifier, number,
           min(fetched_at) as valid_from,
           arg_max(next_at, n) as valid_to,
           arg_max(next_at is null, n) as is_current,
           arg_min({'n': n, 'n_before': n_before, 'elements': elements, 'before': elements_before,
                    'sha': snapshot_sha256, 'line': source_line}, n) as first
    from stretch
    group by all
),
ended as (
    select *, case when is_current then null else valid_to end as ended_at from edge
),
-- A day, since one refresh fetches file after file.
elsewhere as (
    select o.dataset, o.iati_identifier, o.number, list_sort(list_distinct(list(t.dataset))) as also_in
    from ended as o join ended as t on t.iati_identifier = o.iati_identifier and t.dataset <> o.dataset
    and t.valid_from < o.valid_from + interval 1 day
    and (t.ended_at is null or date_trunc('day', t.ended_at) >= date_trunc('day', o.valid_from))
    where o.iati_identifier <> 'noIdentifier'
    group by all
)
select dataset, iati_identifier, valid_from, ended_at as valid_to,
       case when first.n_before is null and first.n = 1 then 'first_seen'
            when first.n_before is null then 'added'
            when first.n_before < first.n - 1 then 'returned'
            else 'changed' end as change,
       case when first.n_before is null then []
            else list_sort(list_distinct(list_transform(
                list_concat(list_filter(first.elements, lambda e: not list_contains(first.before, e)),
                            list_filter(first.before, lambda e: not list_contains(first.elements, e))),
                lambda e: split_part(e, ':', 1)))) end as changed_elements,
       first.sha as snapshot_sha256,
       first.line as source_line,
       is_current,
       coalesce(also_in, []) as also_in
from ended left join elsewhere using (dataset, iati_identifier, number)
