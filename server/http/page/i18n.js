// The page's words in its languages, and which of them is spoken.

const WORDS = {
  en: {
    skip: "Skip to the text", motto: "Text out of images. Nothing that you send is kept.", language: "Language",
    images: "Images", drop: "Drop images or PDF files here, paste one, or", choose: "Choose files",
    photograph: "Take a photograph", tokenNeeded: "This server asks for a token.", tokenUse: "Use it",
    options: "Options", mode: "What the images are", modePage: "Pages or photographs", modeLine: "Single text lines",
    pages: "Pages of documents, such as 1-3,7,9-", dpi: "Dots per inch at which PDF pages are drawn",
    timeout: "Seconds that reading a file may take", password: "Password of encrypted PDF files",
    preparation: "What is done for pages",
    orientation: "Read what lies on its side or upside down", skew: "Follow lines that are not level",
    enhancement: "Give dark and faint pages contrast", tables: "Find ruled tables", textLayer: "Take text that PDF files hold as such",
    status: "Server", picture: "Picture", previous: "Page before", next: "Page after", zoom: "Size of the picture",
    smaller: "Smaller", fit: "Fit", larger: "Larger", text: "Text", exports: "Copy and save", copy: "Copy",
    noPicture: "There is no picture of this page. Its text stands where it was found.",
    empty: "The picture appears here, with a box around every line.",
    noText: "The text appears here, line by line, as it is read.", nothing: "No text was found.",
    save: "Save as {0}", saveFailed: "{0} could not be made: no page has a picture.", copied: "Copied.", copyFailed: "The browser did not let the text be copied.",
    line: "Line {0}, {1} % sure", page: "{0} of {1}", pageWord: "Page {0}",
    waiting: "waiting", sending: "sending, {0} %", reading: "reading, {0} lines so far",
    readingPages: "page {0} of {1}, {2} lines so far", done: "{0} lines in {1} s", stopped: "stopped",
    busy: "The server is busy. Trying again in {0} s.", stop: "Stop", again: "Try again", remove: "Remove",
    show: "Show {0}", added: "{0} added.", finished: "{0} is read: {1} lines.", failed: "{0}: {1}",
    unreachable: "The server cannot be reached.", broken: "The connection broke before everything was read.",
    dropped: "No file was among what was dropped.",
    error400: "The server does not take this", error401: "A token is needed",
    error408: "The upload took too long", error413: "Too large", error415: "Not an image or PDF file that can be read",
    error422: "A password is needed", error429: "The server is busy", error500: "The server failed",
    error503: "The server is shutting down", error504: "Time ran out", errorOther: "Refused",
    limit: "The limit is {0}; this has {1}.", pageFailed: "This page could not be read: {0}",
    partial: "Time ran out: some lines are missing.",
    figureReady: "State", ready: "ready", notReady: "takes no images now", figureQueue: "Waiting images",
    figureWorkers: "Busy workers", figureLatency: "Time per image", figureLately: "lately",
    figureAlways: "since the start", figureMemory: "Memory", figureRead: "Images read", figureRefused: "Refused for want of room",
    ofTotal: "{0} of {1}", seconds: "{0} s", bytesMebibytes: "{0} MiB", none: "none yet",
    statusLocked: "The figures need the token.",
  },
  zh: {
    skip: "跳到文字", motto: "从图片中读出文字。服务器不保存您发送的任何内容。", language: "语言",
    images: "图片", drop: "将图片或 PDF 文件拖到这里、粘贴，或者", choose: "选择文件",
    photograph: "拍照", tokenNeeded: "此服务器需要令牌。", tokenUse: "使用",
    options: "选项", mode: "图片类型", modePage: "页面或照片", modeLine: "单行文字",
    pages: "文档的页码，例如 1-3,7,9-", dpi: "绘制 PDF 页面的分辨率（点/英寸）",
    timeout: "读取一个文件的最长秒数", password: "加密 PDF 文件的密码",
    preparation: "对页面做什么",
    orientation: "读取横置或倒置的文字", skew: "跟随不水平的行",
    enhancement: "为暗淡的页面增加对比度", tables: "查找有框线的表格", textLayer: "使用 PDF 文件自带的文字",
    status: "服务器", picture: "图像", previous: "上一页", next: "下一页", zoom: "图像大小",
    smaller: "缩小", fit: "适合", larger: "放大", text: "文字", exports: "复制和保存", copy: "复制",
    noPicture: "没有此页的图片。文字显示在其所在的位置。",
    empty: "图像显示在这里，每行文字都有一个框。",
    noText: "文字在读取时逐行显示在这里。", nothing: "没有找到文字。",
    save: "保存为 {0}", saveFailed: "无法生成 {0}：没有任何页面图片。", copied: "已复制。", copyFailed: "浏览器不允许复制文字。",
    line: "第 {0} 行，置信度 {1} %", page: "{0} / {1}", pageWord: "第 {0} 页",
    waiting: "等待中", sending: "正在发送，{0} %", reading: "正在读取，已有 {0} 行",
    readingPages: "第 {0} 页，共 {1} 页，已有 {2} 行", done: "{0} 行，用时 {1} 秒", stopped: "已停止",
    busy: "服务器繁忙，{0} 秒后重试。", stop: "停止", again: "重试", remove: "移除",
    show: "显示 {0}", added: "已添加 {0}。", finished: "{0} 已读完：{1} 行。", failed: "{0}：{1}",
    unreachable: "无法连接服务器。", broken: "读完之前连接中断。",
    dropped: "拖入的内容中没有文件。",
    error400: "服务器不接受此内容", error401: "需要令牌",
    error408: "上传时间过长", error413: "太大", error415: "不是可以读取的图片或 PDF 文件",
    error422: "需要密码", error429: "服务器繁忙", error500: "服务器出错",
    error503: "服务器正在关闭", error504: "超时", errorOther: "被拒绝",
    limit: "上限为 {0}，此内容为 {1}。", pageFailed: "无法读取此页：{0}",
    partial: "超时：缺少部分行。",
    figureReady: "状态", ready: "就绪", notReady: "目前不接受图片", figureQueue: "等待的图片",
    figureWorkers: "忙碌的工作线程", figureLatency: "每张图片用时", figureLately: "最近",
    figureAlways: "启动以来", figureMemory: "内存", figureRead: "已读图片", figureRefused: "因容量不足而拒绝",
    ofTotal: "{0} / {1}", seconds: "{0} 秒", bytesMebibytes: "{0} MiB", none: "尚无",
    statusLocked: "查看数据需要令牌。",
  },
};
const KEY = "edgeocr-language";

let language = localStorage.getItem(KEY) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
const listeners = [];

export const say = (key, ...values) =>
  (WORDS[language] ?? WORDS.en)[key].replace(/\{(\d)\}/g, (_, place) => String(values[place]));

export const knows = (key) => key in WORDS.en;

export const whenLanguageChanges = (listener) => listeners.push(listener);

export function sayEverywhere() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    element.title = say(element.dataset.label);
  }
  for (const listener of listeners) listener();
}

export function setUpLanguage(select) {
  select.value = language;
  select.addEventListener("change", () => {
    language = select.value;
    localStorage.setItem(KEY, language);
    sayEverywhere();
  });
}
