// Filters the long tables and hands every table out as CSV. Without script all rows show and the controls stay hidden.
(function () {
  function list(found) { return Array.prototype.slice.call(found); }
  list(document.querySelectorAll("form[data-filters]")).forEach(function (form) {
    // A form hands out its fields by name, so form.dataset would be the field called dataset.
    var rows = list(document.querySelectorAll("#" + form.getAttribute("data-filters") + " tr"));
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    var count = form.querySelector("[data-noun]");
    function chosen(name) { var field = form.elements[name]; return field ? field.value.toLowerCase().trim() : ""; }
    function apply() {
      var severity = chosen("severity"), dataset = chosen("dataset"), words = chosen("words"), shown = 0;
      rows.forEach(function (row, place) {
        var fits = (!severity || row.dataset.severity === severity) &&
          (!dataset || row.dataset.datasets.toLowerCase().split(" ").indexOf(dataset) >= 0) &&
          (!words || texts[place].indexOf(words) >= 0);
        row.hidden = !fits;
        if (fits) { shown += 1; }
      });
      count.textContent = shown + " of " + rows.length + " " + count.dataset.noun + " shown";
    }
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    apply();
  });
  function cellText(cell) {
    var copy = cell.cloneNode(true);
    list(copy.querySelectorAll("details, svg")).forEach(function (part) { part.remove(); });
    var text = copy.textContent.replace(/\s+/g, " ").trim();
    // A spreadsheet would run a text that begins so as a formula; figures may begin with a sign.
    if (/^[=@\t]/.test(text) || /^[+-](?![0-9.,]+( %)?$)/.test(text)) { text = "'" + text; }
    return '"' + text.replace(/"/g, '""') + '"';
  }
  function csvOf(table) {
    return list(table.rows).filter(function (row) { return !row.hidden; }).map(function (row) {
      return list(row.cells).map(cellText).join(",");
    }).join("\r\n");
  }
  window.csvOf = csvOf;
  list(document.querySelectorAll("table[data-name]")).forEach(function (table) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "csv";
    button.textContent = "CSV";
    button.setAttribute("aria-label", "Save the table " + table.dataset.name.replace(/[-_]/g, " ") + " as CSV");
    button.addEventListener("click", function () {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff" + csvOf(table)], {type: "text/csv"}));
      link.download = table.dataset.name + ".csv";
      link.click();
      URL.revokeObjectURL(link.href);
    });
    table.parentNode.parentNode.insertBefore(button, table.parentNode);
  });
  // A box that scrolls sideways takes the focus, so that the arrow keys reach what sticks out; others are passed over.
  function reach() {
    list(document.querySelectorAll(".scroll:not(.tall)")).forEach(function (box) {
      var table = box.querySelector("table"), named = table.caption || table.querySelector("thead");
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        if (!box.hasAttribute("aria-labelledby")) { box.setAttribute("aria-label", named.textContent.trim()); }
      } else {
        box.removeAttribute("tabindex");
        box.removeAttribute("role");
      }
    });
  }
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();
  // Paper has no one to click: what is folded is printed, and folded again afterwards.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = list(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (part) { part.open = false; });
  });
}());
